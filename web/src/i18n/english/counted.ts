/** `1 process`, `1,234 processes`. */
export function some(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
