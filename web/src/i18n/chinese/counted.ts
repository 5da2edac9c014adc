/** A number as it is written in Chinese text. */
export function n(count: number): string {
  return count.toLocaleString("zh");
}
