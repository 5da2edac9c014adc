// What pictures cost on the page's thread: the time of our own script in each frame that is drawn, and what is uploaded.
import { signal } from "@preact/signals";

/** Figures of the last frames. */
export interface FrameFigures {
  readonly lastMs: number;
  readonly worstMs: number;
  readonly uploadedBytes: number;
  readonly uploads: number;
  /** Frames drawn in the last second. */
  readonly perSecond: number;
}

const KEPT = 120;
const MARK = "gostat.frame";

export class FrameMeter {
  readonly figures = signal<FrameFigures | undefined>(undefined);
  #ms = 0;
  #bytes = 0;
  #uploads = 0;
  #frames: { at: number; ms: number }[] = [];
  #lastUpload = { bytes: 0, uploads: 0 };

  /** Work that counts for the next frame. */
  work<T>(what: () => T): T {
    const began = performance.now();
    const result = what();
    this.#ms += performance.now() - began;
    return result;
  }

  /** What was done so far was preparation: shaders are compiled once. */
  begin(): void {
    this.#ms = 0;
    this.#frames = [];
  }

  uploaded(bytes: number): void {
    this.#bytes += bytes;
    this.#uploads += 1;
  }

  /** A frame is drawn: what was done since the last one was for it. */
  frame(): void {
    const now = performance.now();
    performance.clearMeasures(MARK);
    performance.measure(MARK, { start: now - this.#ms, end: now });
    this.#frames.push({ at: now, ms: this.#ms });
    if (this.#frames.length > KEPT) this.#frames.shift();
    if (this.#uploads > 0) this.#lastUpload = { bytes: this.#bytes, uploads: this.#uploads };
    this.figures.value = {
      lastMs: this.#ms,
      worstMs: Math.max(...this.#frames.map(({ ms }) => ms)),
      uploadedBytes: this.#lastUpload.bytes,
      uploads: this.#lastUpload.uploads,
      perSecond: this.#frames.filter(({ at }) => now - at < 1_000).length,
    };
    this.#ms = 0;
    this.#bytes = 0;
    this.#uploads = 0;
  }
}
