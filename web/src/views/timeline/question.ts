// What the time line asks the history: read from the address, where all of it is kept.
import type { HistoryAnswer, HistoryQuestion } from "../../api/history.ts";

export const BYS = ["total", "state", "reason", "stack"] as const;
export type By = (typeof BYS)[number];
export const SPANS = ["5m", "15m", "1h", "6h", "1d", "7d", "30d"] as const;
export const TOPS = [4, 8, 20] as const;
export const COMPARES = ["none", "before", "hour", "day", "week"] as const;
export type Compare = (typeof COMPARES)[number];

export interface Asked {
  readonly target: string;
  readonly by: By;
  /** A duration before now, or `@SECONDS`. */
  readonly since: string;
  /** `@SECONDS`; up to now without. */
  readonly until: string | undefined;
  readonly top: number;
  readonly compare: Compare;
}

const MOMENT = /^@\d{1,12}(\.\d{1,3})?$/;
const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration such as `15m`, or `undefined` if it is none. */
export function durationMs(word: string): number | undefined {
  const parts = /^(\d{1,6})([smhd])$/.exec(word);
  return parts ? Number(parts[1]) * (UNITS_MS[parts[2] ?? ""] ?? 0) : undefined;
}

function oneOf<W extends string>(known: readonly W[], said: string | null, otherwise: W): W {
  return known.find((word) => word === said) ?? otherwise;
}

/** What an address asks. Words that make no sense are as if they were not there. */
export function asked(query: URLSearchParams): Asked {
  const since = query.get("since") ?? "";
  const until = query.get("until") ?? "";
  const top = Number(query.get("top"));
  return {
    target: query.get("target") ?? "",
    by: oneOf(BYS, query.get("by"), "state"),
    since: MOMENT.test(since) || durationMs(since) !== undefined ? since : "1h",
    until: MOMENT.test(until) ? until : undefined,
    top: TOPS.find((known) => known === top) ?? 8,
    compare: oneOf(COMPARES, query.get("compare"), "none"),
  };
}

/** A moment as the history reads it. */
export function momentWord(ms: number): string {
  return `@${(Math.round(ms) / 1_000).toFixed(3).replace(/\.?0+$/, "")}`;
}

export function momentMs(word: string): number {
  return Number(word.slice(1)) * 1_000;
}

/** A range three times as wide about the same middle; one that would reach beyond now ends now. */
export function widened(
  fromMs: number,
  toMs: number,
  nowMs: number,
): { since: string; until: string | undefined } {
  const width = toMs - fromMs;
  const since = momentWord(Math.max(0, fromMs - width));
  return { since, until: toMs + width >= nowMs ? undefined : momentWord(toMs + width) };
}

export function question({ target, by, since, until, top }: Asked): HistoryQuestion {
  return { target, by, since, top, ...(until === undefined ? {} : { until }) };
}

/** How far back the time lies that is compared with, or `undefined` if none is. */
export function offsetMs({ compare, since }: Asked, answer: HistoryAnswer): number | undefined {
  if (compare === "hour") return 3_600_000;
  if (compare === "day") return 86_400_000;
  if (compare === "week") return 7 * 86_400_000;
  if (compare === "none") return undefined;
  // A duration that was asked for stays as it is while time goes on: so does what is asked of the time before.
  return durationMs(since) ?? answer.until_ms - answer.since_ms;
}

/** The question about the time compared with. Its width of slots is that of the answer, so that both can be laid together. */
export function questionThen(
  now: Asked,
  answer: HistoryAnswer,
  offset: number,
): HistoryQuestion & { readonly since: string; readonly until: string } {
  // Ten seconds at a time: a question that changed with every answer would be asked for ever.
  const steady = (ms: number) => Math.floor(ms / 10_000) * 10_000;
  return {
    ...question(now),
    since: momentWord(steady(answer.since_ms - offset)),
    until: momentWord(steady(answer.until_ms - offset) + 10_000),
    step: `${answer.step_ms}ms`,
  };
}
