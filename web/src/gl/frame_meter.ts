// What pictures cost on the page's thread: the time of our own script for each frame of the browser, and what is uploaded.
import { signal } from "@preact/signals";
import { countRendering, onFrame, takeSpentMs } from "./script_time.ts";

/** Figures of the last frames. */
export interface FrameFigures {
  /** Milliseconds of script a frame: half of all frames took less, all but one of a hundred, and the longest. */
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  /** Frames that these are of. */
  readonly frames: number;
  /** At the last tick. */
  readonly uploadedBytes: number;
  readonly uploads: number;
  /** How often the picture was drawn in the last second. */
  readonly perSecond: number;
}

/** Frames that figures are of: twenty seconds, if sixty are drawn in each. */
const KEPT = 1_200;
/** Figures are told so often: telling them in each frame would cost more than drawing it. */
const TOLD_EVERY_MS = 500;
/** What frames and ticks leave in the browser's own record, for whoever measures from outside. */
const FRAME_MARK = "gostat.frame";
const TICK_MARK = "gostat.tick";
const UPLOAD_MARK = "gostat.upload";

export class FrameMeter {
  readonly figures = signal<FrameFigures | undefined>(undefined);
  #bytes = 0;
  #uploads = 0;
  #frames: number[] = [];
  #telling: ReturnType<typeof setTimeout> | undefined;

  readonly #drawn: number[] = [];

  constructor() {
    countRendering();
  }

  /** Listens to frames until the given function is called. */
  listen(): () => void {
    return onFrame((ms) => this.#frame(ms));
  }

  /** The picture is there: what was done before, such as making a graphics context, was done once and is no frame's. */
  begin(): void {
    takeSpentMs();
    this.#frames = [];
  }

  /** A tick has come: uploads are for it from now on. */
  tick(): void {
    performance.clearMarks();
    performance.mark(TICK_MARK);
    this.#bytes = 0;
    this.#uploads = 0;
  }

  uploaded(bytes: number): void {
    this.#bytes += bytes;
    this.#uploads += 1;
    performance.mark(UPLOAD_MARK, { detail: bytes });
  }

  /** The picture was drawn. */
  drew(): void {
    const now = performance.now();
    this.#drawn.push(now);
    while ((this.#drawn[0] ?? now) < now - 1_000) this.#drawn.shift();
  }

  #frame(ms: number): void {
    const now = performance.now();
    performance.clearMeasures(FRAME_MARK);
    performance.measure(FRAME_MARK, { start: now - ms, end: now });
    this.#frames.push(ms);
    if (this.#frames.length > 2 * KEPT) this.#frames = this.#frames.slice(-KEPT);
    this.#telling ??= setTimeout(() => this.#tell(), TOLD_EVERY_MS);
  }

  #tell(): void {
    this.#telling = undefined;
    const [now, kept] = [performance.now(), this.#frames.slice(-KEPT)];
    const sorted = Float64Array.from(kept).sort();
    const at = (share: number) => sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0;
    this.figures.value = {
      medianMs: at(0.5),
      p99Ms: at(0.99),
      worstMs: at(1),
      frames: kept.length,
      uploadedBytes: this.#bytes,
      uploads: this.#uploads,
      perSecond: this.#drawn.filter((at) => now - at < 1_000).length,
    };
  }
}
