// What pictures cost on the page's thread: the time of our own script for each frame that is drawn, and what is uploaded.
import { signal } from "@preact/signals";
import { countRendering, takeSpentMs } from "./script_time.ts";

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
  /** Frames drawn in the last second. */
  readonly perSecond: number;
}

/** Frames that figures are of: twenty seconds, if sixty are drawn in each. */
const KEPT = 1_200;
/** Figures are told so often: telling them in each frame would cost more than drawing it. */
const TOLD_EVERY_MS = 500;
const MARK = "gostat.frame";

export class FrameMeter {
  readonly figures = signal<FrameFigures | undefined>(undefined);
  #bytes = 0;
  #uploads = 0;
  #frames: { at: number; ms: number }[] = [];
  #telling: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    countRendering();
  }

  /** The picture is there: what was done before, such as making a graphics context, was done once and is no frame's. */
  begin(): void {
    takeSpentMs();
    this.#frames = [];
  }

  /** A tick has come: uploads are for it from now on. */
  tick(): void {
    this.#bytes = 0;
    this.#uploads = 0;
  }

  uploaded(bytes: number): void {
    this.#bytes += bytes;
    this.#uploads += 1;
  }

  /** A frame is drawn: all that our script did since the last one was for it. */
  frame(): void {
    const [now, ms] = [performance.now(), takeSpentMs()];
    performance.clearMeasures(MARK);
    performance.measure(MARK, { start: now - ms, end: now });
    this.#frames.push({ at: now, ms });
    if (this.#frames.length > 2 * KEPT) this.#frames = this.#frames.slice(-KEPT);
    this.#telling ??= setTimeout(() => this.#tell(), TOLD_EVERY_MS);
  }

  #tell(): void {
    this.#telling = undefined;
    const [now, kept] = [performance.now(), this.#frames.slice(-KEPT)];
    const sorted = Float64Array.from(kept, ({ ms }) => ms).sort();
    const at = (share: number) => sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0;
    this.figures.value = {
      medianMs: at(0.5),
      p99Ms: at(0.99),
      worstMs: at(1),
      frames: kept.length,
      uploadedBytes: this.#bytes,
      uploads: this.#uploads,
      perSecond: kept.filter((frame) => now - frame.at < 1_000).length,
    };
  }
}
