// Which part of the past is seen. Ticks are columns, not equally far apart: column k lies from k to k + 1, and what a
// pointer does is reckoned in columns, while the address names times.
import type { PastColumn } from "../../live/stacks/past.ts";
import type { Camera } from "./camera.ts";

/** From one column to another; fractions are parts of columns, and there may be none at either end. */
export interface Columns {
  readonly from: number;
  readonly until: number;
}

/** A time, Unix milliseconds. */
export interface Window {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Where nothing is known, ticks are taken to be so far apart. */
const TICK_MS = 1_000;

function tickMs(past: readonly PastColumn[]): number {
  const [first, last] = [past[0], past.at(-1)];
  if (!first || !last || past.length < 2) return TICK_MS;
  return Math.max((last.atUnixMs - first.atUnixMs) / (past.length - 1), 1);
}

/** The time at a place in columns. */
export function timeAt(past: readonly PastColumn[], at: number): number {
  const [first, last] = [past[0], past.at(-1)];
  if (!first || !last) return 0;
  if (at <= 0) return first.atUnixMs + at * tickMs(past);
  if (at >= past.length - 1) return last.atUnixMs + (at - past.length + 1) * tickMs(past);
  const [before, after] = [past[Math.floor(at)] ?? first, past[Math.floor(at) + 1] ?? last];
  return before.atUnixMs + (after.atUnixMs - before.atUnixMs) * (at % 1);
}

/** The place of a time in columns: what {@link timeAt} has made of it. */
export function columnAt(past: readonly PastColumn[], ms: number): number {
  const [first, last] = [past[0], past.at(-1)];
  if (!first || !last) return 0;
  if (ms <= first.atUnixMs) return (ms - first.atUnixMs) / tickMs(past);
  if (ms >= last.atUnixMs) return past.length - 1 + (ms - last.atUnixMs) / tickMs(past);
  let [low, high] = [0, past.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((past[middle]?.atUnixMs ?? 0) <= ms) low = middle;
    else high = middle;
  }
  const [before, after] = [past[low] ?? first, past[high] ?? last];
  return low + (ms - before.atUnixMs) / Math.max(after.atUnixMs - before.atUnixMs, 1);
}

/** The columns of a window; without one, the newest that there is room for. */
export function columnsOf(past: readonly PastColumn[], window: Window | undefined, room: number): Columns {
  if (!window) return { from: past.length - room, until: past.length };
  return { from: columnAt(past, window.fromMs), until: columnAt(past, window.untilMs) };
}

/** As gestures have it: all that there is room for is zoom 1. */
export function cameraOf(columns: Columns, past: readonly PastColumn[], room: number, width: number): Camera {
  const zoom = room / Math.max(columns.until - columns.from, 1e-3);
  return { zoom, x: ((past.length - room - columns.from) / room) * width * zoom, y: 0 };
}

/** The window that a camera sees; none if it sees all. */
export function windowOf(
  camera: Camera,
  past: readonly PastColumn[],
  room: number,
  width: number,
): Window | undefined {
  if (camera.zoom <= 1 || width <= 0) return undefined;
  const from = past.length - room - (camera.x / (width * camera.zoom)) * room;
  return { fromMs: timeAt(past, from), untilMs: timeAt(past, from + room / camera.zoom) };
}

/** In the address: when it begins, and how long it is, seconds. */
export function windowWord(window: Window | undefined): string | undefined {
  const seconds = (ms: number) => String(Math.round(ms) / 1_000);
  return window && `${seconds(window.fromMs)}_${seconds(window.untilMs - window.fromMs)}`;
}

export function windowSaid(word: string | undefined): Window | undefined {
  const parts = /^(\d{1,11}(?:\.\d{1,3})?)_(\d{1,6}(?:\.\d{1,3})?)$/.exec(word ?? "");
  if (!parts || Number(parts[2]) === 0) return undefined;
  const fromMs = Number(parts[1]) * 1_000;
  return { fromMs, untilMs: fromMs + Number(parts[2]) * 1_000 };
}
