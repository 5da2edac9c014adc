// What was, as `/api/v1/history` and `/api/v1/processes` say it (docs/json.md). Times are Unix milliseconds.
import { count, type Decoded, flag, list, map, nullable, number, object, text } from "./decode.ts";

const SLOTS_MAX = 50_000;
const SERIES_MAX = 1_000;

export const pastProcess = object({
  id: text,
  pid: count,
  name: text,
  executable: text,
  go_version: text,
  module: nullable(text),
  module_version: nullable(text),
  container: nullable(text),
  labels: map(text),
  first_seen_ms: count,
  last_seen_ms: count,
  ended_ms: nullable(count),
  ended: nullable(text),
  goroutines: nullable(count),
});
export type PastProcess = Decoded<typeof pastProcess>;

export const pastProcesses = object({ processes: list(pastProcess, 20_000), left_out: count });
export type PastProcesses = Decoded<typeof pastProcesses>;

const frame = object({ function: text, file: text, line: nullable(count), inlined: flag });
export type Frame = Decoded<typeof frame>;

const stack = object({
  frames: list(frame, 1_000),
  complete: flag,
  created_by: nullable(frame),
  is_runtime: flag,
});
export type Stack = Decoded<typeof stack>;

const value = object({
  last: nullable(number),
  mean: nullable(number),
  min: nullable(number),
  max: nullable(number),
});
export type Value = Decoded<typeof value>;

const series = object({
  kind: text,
  name: nullable(text),
  stack: nullable(stack),
  last: nullable(number),
  min: nullable(number),
  max: nullable(number),
  mean: nullable(number),
  change: nullable(number),
  values: list(nullable(value), SLOTS_MAX),
});
export type Series = Decoded<typeof series>;

export const historyAnswer = object({
  processes: list(pastProcess, 20_000),
  since_ms: count,
  until_ms: count,
  by: text,
  level: text,
  step_ms: count,
  slots: list(object({ start_ms: count, looks: count, counts_only: count, unread: count }), SLOTS_MAX),
  series: list(series, SERIES_MAX),
  series_total: count,
  gaps: list(object({ from_ms: count, to_ms: count }), SLOTS_MAX),
});
export type HistoryAnswer = Decoded<typeof historyAnswer>;

const mark = object({
  at_ms: count,
  kind: text,
  text,
  process: nullable(text),
  service: nullable(text),
});
/** Something that happened: a deploy, a note, an agent that began. */
export type HistoryMark = Decoded<typeof mark>;

export const marks = object({ marks: list(mark, 10_000), left_out: count });
export type Marks = Decoded<typeof marks>;

/** What happened to a process or service, and to its machine. */
export interface MarksQuestion {
  readonly target: string;
  readonly since?: string;
  readonly until?: string;
}

/** A question in the words of `gostat history`. */
export interface HistoryQuestion {
  readonly target: string;
  readonly since?: string;
  readonly until?: string;
  readonly by?: string;
  readonly step?: string;
  readonly top?: number;
}

/** Its address, under which answers are also kept. */
export function historyPath(question: HistoryQuestion): string {
  return `/api/v1/history?${queryOf(question)}`;
}

export function marksPath(question: MarksQuestion): string {
  return `/api/v1/marks?${queryOf(question)}`;
}

function queryOf(question: object): URLSearchParams {
  const query = new URLSearchParams();
  for (const [key, said] of Object.entries(question)) {
    if (said !== undefined && said !== "") query.set(key, String(said));
  }
  return query;
}
