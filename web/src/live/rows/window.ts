// The rows of a table that are seen.
import type { Picture } from "../picture.ts";
import { ownPlace } from "../stacks/own_function.ts";
import type { CodePlace } from "../wire/head.ts";
import type { Sort } from "./order.ts";

/** Which rows are wanted. */
export interface RowsQuestion {
  readonly sort: Sort;
  readonly descending: boolean;
  readonly first: number;
  readonly count: number;
  /** The id of a goroutine whose row is asked for. */
  readonly find?: number | undefined;
}

/** A goroutine as it is shown. */
export interface ShownRow {
  readonly id: number;
  readonly status: string;
  readonly reason: string | null;
  /** `null` if unknown. */
  readonly ageMs: number | null;
  readonly p: number | null;
  readonly own: CodePlace | null;
  readonly missing: string | null;
  readonly labels: readonly (readonly [string, string])[];
  readonly isRuntime: boolean;
}

export interface RowsAnswer {
  readonly first: number;
  readonly total: number;
  readonly rows: readonly ShownRow[];
  /** Which row the goroutine has that was to be found; -1 if it has none. */
  readonly foundAt: number;
  readonly found: number | undefined;
  /** What putting them in order took, milliseconds. */
  readonly tookMs: number;
}

export function shownRow(picture: Picture, place: number): ShownRow | undefined {
  const cohort = picture.cohortAt(place);
  if (!cohort) return undefined;
  const [since, p] = [picture.sinceMs[place] ?? 0, picture.ps[place] ?? -1];
  const stack = cohort.stack.map((number) => picture.codePlace(number));
  return {
    id: picture.ids[place] ?? 0,
    status: cohort.status,
    reason: cohort.reason,
    ageMs: since > 0 ? Math.max(0, (picture.head?.at_monotonic_ms ?? 0) - since) : null,
    p: p < 0 ? null : p,
    own: ownPlace(stack) ?? null,
    missing: cohort.missing,
    labels: cohort.labels,
    isRuntime: cohort.is_runtime,
  };
}

export function windowOf(
  picture: Picture,
  order: Uint32Array,
  question: RowsQuestion,
  tookMs: number,
): RowsAnswer {
  const first = Math.max(0, Math.min(question.first, order.length - 1));
  const places = order.subarray(first, first + Math.min(question.count, 500));
  const rows = [...places].flatMap((place) => shownRow(picture, place) ?? []);
  const { find } = question;
  return { first, total: order.length, rows, foundAt: rowOf(picture, order, find), found: find, tookMs };
}

function rowOf(picture: Picture, order: Uint32Array, id: number | undefined): number {
  if (id === undefined) return -1;
  const place = picture.ids.subarray(0, picture.places).indexOf(id);
  return place < 0 ? -1 : order.indexOf(place);
}
