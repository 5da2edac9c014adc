// Which stacks the picture of the past shows, in which order.
import type { PastColumn } from "../../live/stacks/past.ts";

/** Rows that are shown. */
export const ROWS_SHOWN = 40;

export interface PastRow {
  readonly number: number;
  readonly now: number;
  readonly most: number;
  /** Now less the first that is known. */
  readonly change: number;
}

/** The rows; `mostOf` is the most that each cluster had, which is the worker's work. */
export function pastRows(
  past: readonly PastColumn[],
  mostOf: ArrayLike<number>,
  by: "count" | "growth",
): PastRow[] {
  const [first, last] = [past[0], past.at(-1)];
  if (!first || !last) return [];
  const rows: PastRow[] = [];
  for (let number = 0; number < last.counts.length; number += 1) {
    const most = mostOf[number] ?? 0;
    const now = last.counts[number] ?? 0;
    if (most > 0) rows.push({ number, now, most, change: now - (first.counts[number] ?? 0) });
  }
  const key = by === "count" ? (row: PastRow) => row.most : (row: PastRow) => row.change;
  return rows.sort((a, b) => key(b) - key(a) || a.number - b.number).slice(0, ROWS_SHOWN);
}
