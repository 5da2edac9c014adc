// From the history's answer to what is drawn: columns of numbers, added up from the bottom.
import type { HistoryAnswer, Series, Value } from "../api/history.ts";

/** A column: a number for each slot, `null` where nobody looked. */
export type Column = (number | null)[];

/** What a slot counts as: its last look, or what is left of it after it was rolled up. */
export function slotValue(value: Value | null | undefined): number | null {
  return value ? (value.last ?? value.mean ?? value.max) : null;
}

/** Whether anything is known of a slot. */
function isKnown(answer: HistoryAnswer, index: number): boolean {
  return answer.series.some((series) => slotValue(series.values[index]) !== null);
}

/** Slots of which nothing is known, as spans of time; those in which nobody looked are among them. */
export function unknownSpans(answer: HistoryAnswer): { from_ms: number; to_ms: number }[] {
  const spans: { from_ms: number; to_ms: number }[] = [];
  for (const [index, { start_ms }] of answer.slots.entries()) {
    if (isKnown(answer, index)) continue;
    const [last, to_ms] = [spans.at(-1), start_ms + answer.step_ms];
    if (last?.to_ms === start_ms) last.to_ms = to_ms;
    else spans.push({ from_ms: start_ms, to_ms });
  }
  return spans;
}

/** Seconds since 1970 at which each slot begins: what the chart's time axis is made of. */
export function times(answer: HistoryAnswer): number[] {
  return answer.slots.map((slot) => slot.start_ms / 1_000);
}

/**
 * The columns of all series, each on top of those before it. A slot in which nothing is known of any of them is a gap in
 * all: nobody looked, or looks took no stacks. In others, a series of which nothing is known adds nothing.
 */
export function stacked(answer: HistoryAnswer): Column[] {
  const sums: Column = answer.slots.map((_, index) => (isKnown(answer, index) ? 0 : null));
  return answer.series.map((series) => {
    for (const [index, sum] of sums.entries()) {
      if (sum !== null) sums[index] = sum + (slotValue(series.values[index]) ?? 0);
    }
    return [...sums];
  });
}

/** All series added up. */
export function totals(answer: HistoryAnswer): Column {
  return stacked(answer).at(-1) ?? [];
}

/** The totals of another time, moved by `offsetMs` to lie over these slots. */
export function totalsMoved(then: HistoryAnswer, answer: HistoryAnswer, offsetMs: number): Column {
  const columns = totals(then);
  const first = then.slots[0]?.start_ms ?? 0;
  return answer.slots.map(({ start_ms }) => {
    const index = Math.floor((start_ms - offsetMs - first) / then.step_ms);
    return columns[index] ?? null;
  });
}

/** What tells a series from others of its answer, and finds the same one in another answer. */
export function seriesKey(series: Series): string {
  const frames = series.stack?.frames.map(({ function: name, line }) => `${name}:${line}`) ?? [];
  return [series.kind, series.name ?? "", ...frames].join("\n");
}

/** A series now and then; `null` is not known, and that is not zero. */
export interface Difference {
  readonly series: Series;
  readonly now: number | null;
  readonly earlier: number | null;
}

/** The means of all series of two times, those that changed most first. */
export function differences(now: HistoryAnswer, then: HistoryAnswer): Difference[] {
  const before = new Map(then.series.map((series) => [seriesKey(series), series]));
  const here = now.series.map((series) => {
    const key = seriesKey(series);
    const other = before.get(key);
    before.delete(key);
    return { series, now: series.mean, earlier: other?.mean ?? null };
  });
  const gone = [...before.values()].map((series) => ({ series, now: null, earlier: series.mean }));
  const size = ({ now, earlier }: Difference) => Math.abs((now ?? 0) - (earlier ?? 0));
  return [...here, ...gone].sort((a, b) => size(b) - size(a));
}
