// What frames cost, from the browser's own trace: the processor's time, which other processes do not make longer.
import type { Browser, Page } from "@playwright/test";

/** An event of Chromium's trace; times are in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** Of the processor. */
  readonly tdur?: number;
  readonly args?: { readonly data?: { readonly detail?: string } };
}

/** What the browser calls the work that it does for scripts. */
const SCRIPT = new Set([
  "EvaluateScript",
  "EventDispatch",
  "FireAnimationFrame",
  "FunctionCall",
  "HandlePostMessage",
  "RunMicrotasks",
  "TimerFire",
  "v8.callFunction",
]);
/** What the page leaves behind at the end of each frame, at each tick and upload: web/src/gl/frame_meter.ts. */
const FRAME = "gostat.frame";
const TICK = "gostat.tick";
const UPLOAD = "gostat.upload";
/** A frame of a screen that shows sixty a second, microseconds. */
const SIXTIETH_US = 1_000_000 / 60;

/** What the page did while something was done. */
export interface Measured {
  /** Milliseconds of script of each frame that was drawn, in no order. Software draws few: each has the work of many ticks of
   * a screen. */
  readonly byFrame: readonly number[];
  /** The same by sixtieths of a second in which there was any: what a frame would have of it where all are drawn in time. */
  readonly bySixtieth: readonly number[];
  /** Bytes of each upload, by tick. */
  readonly uploads: readonly (readonly number[])[];
}

/** Watches the page while something is done. */
export async function measured(browser: Browser, page: Page, what: () => Promise<void>): Promise<Measured> {
  await browser.startTracing(page, { categories: ["devtools.timeline", "blink.user_timing", "v8.execute"] });
  await what();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: TraceEvent[];
  };
  // The worker, and the browser's own pages, have no such marks.
  const mark = traceEvents.find(({ name }) => name === FRAME);
  const own = traceEvents.filter(({ pid }) => pid === mark?.pid);
  const ends = own.filter(({ name, ph }) => name === FRAME && ph !== "b").map(({ ts }) => ts);
  const drawing = own.find(({ name }) => name === "FireAnimationFrame");
  const script = outermost(
    own.filter(({ name, ph, tid }) => ph === "X" && tid === drawing?.tid && SCRIPT.has(name)),
  );
  return { byFrame: byFrame(script, ends), bySixtieth: bySixtieth(script), uploads: uploadsByTick(own) };
}

function uploadsByTick(events: readonly TraceEvent[]): number[][] {
  const ticks: number[][] = [[]];
  for (const { name, args } of events.toSorted((a, b) => a.ts - b.ts)) {
    if (name === TICK) ticks.push([]);
    else if (name === UPLOAD) ticks.at(-1)?.push(Number(args?.data?.detail));
  }
  return ticks;
}

/** What is a part of other work is counted once. */
function outermost(script: readonly TraceEvent[]): TraceEvent[] {
  let until = 0;
  return script
    .toSorted((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0))
    .filter(({ ts, dur = 0 }) => {
      if (ts < until) return false;
      until = ts + dur;
      return true;
    });
}

/** Work goes to the first frame that ends after it began. */
function byFrame(script: readonly TraceEvent[], ends: readonly number[]): number[] {
  const frames = ends.toSorted((a, b) => a - b).map((end) => ({ end, ms: 0 }));
  let at = 0;
  for (const { ts, tdur = 0 } of script) {
    while (at < frames.length && (frames[at]?.end ?? 0) < ts) at += 1;
    const frame = frames[at];
    if (frame) frame.ms += tdur / 1_000;
  }
  return frames.map(({ ms }) => ms);
}

function bySixtieth(script: readonly TraceEvent[]): number[] {
  const spent = new Map<number, number>();
  for (const { ts, tdur = 0 } of script) {
    const at = Math.floor(ts / SIXTIETH_US);
    spent.set(at, (spent.get(at) ?? 0) + tdur / 1_000);
  }
  return [...spent.values()];
}
