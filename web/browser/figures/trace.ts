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
/** What the page leaves behind at the end of each frame: web/src/gl/frame_meter.ts. */
const FRAME = "gostat.frame";

/** Milliseconds of script of each frame of the page while something is done, in no order. */
export async function scriptOfFrames(
  browser: Browser,
  page: Page,
  what: () => Promise<void>,
): Promise<number[]> {
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
  const script = own.filter(({ name, ph, tid }) => ph === "X" && tid === drawing?.tid && SCRIPT.has(name));
  return spent(script, ends);
}

/** Work goes to the first frame that ends after it began; what is a part of other work is counted once. */
function spent(script: readonly TraceEvent[], ends: readonly number[]): number[] {
  const frames = ends.toSorted((a, b) => a - b).map((end) => ({ end, ms: 0 }));
  const byTime = script.toSorted((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  let [until, at] = [0, 0];
  for (const { ts, dur = 0, tdur = 0 } of byTime) {
    if (ts < until) continue;
    until = ts + dur;
    while (at < frames.length && (frames[at]?.end ?? 0) < ts) at += 1;
    const frame = frames[at];
    if (frame) frame.ms += tdur / 1_000;
  }
  return frames.map(({ ms }) => ms);
}
