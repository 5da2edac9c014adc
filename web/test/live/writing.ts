// Writes frames, as crates/live-frames/src/wire.rs does, of rows that never were.
import { deflateSync } from "node:zlib";
import type { Cohort, Head } from "../../src/live/wire/head.ts";

export interface Row {
  readonly place: number;
  readonly id: number;
  readonly sinceMs: number;
  readonly cohort: number;
  readonly p: number;
}

export const FUNCTIONS = [
  "main.main",
  "main.worker",
  "net/http.(*conn).serve",
  "<img src=x onerror=alert(1)>.f",
];

/** A cohort with a stack of one function. */
export function cohort(number: number, changes: Partial<Cohort> = {}): Cohort {
  const waits = number % 2 === 1;
  return {
    cohort: number,
    status: waits ? "waiting" : "runnable",
    reason: waits ? "chan receive" : null,
    stack: [number % FUNCTIONS.length],
    missing: null,
    labels: [],
    created_by: null,
    entry: null,
    is_runtime: false,
    locked_to_thread: false,
    ...changes,
  };
}

export function headOf(number: number, changes: Partial<Head> = {}): Head {
  return {
    number,
    at_unix_ms: 1_700_000_000_000 + number * 1_000,
    at_monotonic_ms: 5_000_000 + number * 1_000,
    places: 0,
    cohorts: [],
    frames: [],
    scheduler: null,
    cost: { total_us: 1, bytes_read: 1, torn: 0, known: 0 },
    gaps: [],
    ...changes,
  };
}

/** The head of a first frame, which describes some cohorts. */
export function firstHead(cohorts: number, places: number): Head {
  return headOf(1, {
    places,
    cohorts: Array.from({ length: cohorts }, (_, index) => cohort(index + 1)),
    frames: FUNCTIONS.map((name, frame) => ({ frame, function: name, file: "/src/main.go", line: 7 })),
  });
}

export function written(
  head: unknown,
  isEverything: boolean,
  rows: readonly Row[],
  isPacked = false,
): ArrayBuffer {
  const json = new TextEncoder().encode(JSON.stringify(head));
  const headLength = Math.ceil(json.length / 8) * 8;
  const rest = new Uint8Array(headLength + rows.length * 28).fill(32, 0, headLength);
  rest.set(json);
  const view = new DataView(rest.buffer);
  for (const [index, row] of rows.entries()) {
    const n = rows.length;
    view.setFloat64(headLength + 8 * index, row.id, true);
    view.setFloat64(headLength + 8 * (n + index), row.sinceMs, true);
    view.setUint32(headLength + 16 * n + 4 * index, row.place, true);
    view.setUint32(headLength + 20 * n + 4 * index, row.cohort, true);
    view.setInt32(headLength + 24 * n + 4 * index, row.p, true);
  }
  const packed = isPacked ? new Uint8Array(deflateSync(rest)) : rest;
  const frame = new Uint8Array(16 + packed.length);
  const preamble = new DataView(frame.buffer);
  preamble.setUint8(0, 1);
  preamble.setUint8(1, (isEverything ? 1 : 0) | (isPacked ? 2 : 0));
  [headLength, rows.length, rest.length].forEach((number, index) => {
    preamble.setUint32(4 + 4 * index, number, true);
  });
  frame.set(packed, 16);
  return frame.buffer;
}
