// Which colour of the palette a series has: states always the same, others by their place.
import type { Series } from "../api/history.ts";

/** Colours of the palette that series have; those after the last begin again. */
export const SERIES_COLOURS = 8;

const STATES: Readonly<Record<string, string>> = {
  waiting: "series-1",
  runnable: "series-2",
  running: "series-3",
  preempted: "series-4",
  syscall: "series-5",
  copystack: "series-6",
  leaked: "series-8",
};
const UNLIKE_OTHERS = new Set(["rest", "no_stack", "beyond_limit", "runtime"]);

/** The name of a series' colour in the palette. */
export function colourName(series: Series, index: number): string {
  if (UNLIKE_OTHERS.has(series.kind)) return "series-rest";
  const state = series.kind === "state" && series.name !== null ? STATES[series.name] : undefined;
  return state ?? `series-${(index % SERIES_COLOURS) + 1}`;
}
