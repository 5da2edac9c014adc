// The state of every dot as a texture's texels, and which of them have changed.
//
// Two words a dot. The first: 24 bits rank, 4 bits colour of its stack, 1 bit whether the filter lets it through.
// The second: 12 bits cell, 20 bits since when it waits, in seconds. Ages are the shader's work: they change always.
import { NOWHERE } from "./grid.ts";

/** Texels of a row. */
export const WIDTH = 1_024;
/** Rows of dots that a texture has room for everywhere that WebGL 2 is: eight million dots. */
const HEIGHT_MAX = 8_160;

export const MATCHES = 1 << 28;
const SINCE_UNKNOWN = 0xf_ffff;
/** The origin of times is this many seconds after 0: who has waited for ten days still has its time. */
const ORIGIN_S = 900_000;

/** What has changed of the dots. */
export interface Patch {
  /** Rows that the dots have. */
  readonly height: number;
  /** All texels, two words each; otherwise those that have changed: {@link CHANGE} words each. */
  readonly isWhole: boolean;
  readonly words: Uint32Array<ArrayBuffer>;
}

/** A changed texel: its number, its two words, and one that means nothing, since texels of four are what cards like best. */
export const CHANGE = 4;

export class Texture {
  texels = new Uint32Array(0);
  /** The first of these are the dots that have changed, each once, unless all have. */
  #changed = new Uint32Array(0);
  #changes = 0;
  #isChanged = new Uint8Array(0);
  #isWhole = false;
  /** Monotonic milliseconds that seconds are counted from. */
  #originMs = 0;

  get height(): number {
    return this.#isChanged.length / WIDTH;
  }

  /** Seconds of a monotonic moment, as they are in texels. */
  seconds(ms: number): number {
    return (ms - this.#originMs) / 1_000 + ORIGIN_S;
  }

  begin(nowMs: number): void {
    this.#originMs = nowMs;
    this.texels.fill(0);
    for (let index = 1; index < this.texels.length; index += 2) this.texels[index] = NOWHERE;
    this.#isWhole = true;
  }

  /** Makes room for so many places. What is beyond the largest texture has no dot. */
  reserve(places: number): void {
    const wanted = Math.min(Math.ceil(places / WIDTH), HEIGHT_MAX);
    if (wanted <= this.height) return;
    const height = Math.min(Math.ceil(wanted * 1.25), HEIGHT_MAX);
    const texels = new Uint32Array(height * WIDTH * 2);
    texels.set(this.texels);
    for (let index = this.texels.length + 1; index < texels.length; index += 2) texels[index] = NOWHERE;
    this.texels = texels;
    this.#isChanged = new Uint8Array(height * WIDTH);
    // What has changed in more than half is sent as a whole.
    this.#changed = new Uint32Array((height * WIDTH) / 2);
    this.#changes = 0;
    this.#isWhole = true;
  }

  write(place: number, rank: number, colour: number, matches: boolean, cell: number, sinceMs: number): void {
    const at = place * 2;
    if (at + 1 >= this.texels.length) return;
    const since =
      sinceMs > 0
        ? Math.min(Math.max(Math.floor(this.seconds(sinceMs)), 0), SINCE_UNKNOWN - 1)
        : SINCE_UNKNOWN;
    const first = ((rank & 0xff_ffff) | ((colour & 15) << 24) | (matches ? MATCHES : 0)) >>> 0;
    const second = ((cell & 0xfff) | (since << 12)) >>> 0;
    if (this.texels[at] === first && this.texels[at + 1] === second) return;
    this.texels[at] = first;
    this.texels[at + 1] = second;
    this.#note(place);
  }

  /** What has changed since the last patch; `undefined` if nothing has. */
  patch(everything: boolean): Patch | undefined {
    const isWhole = everything || this.#isWhole;
    if (!isWhole && this.#changes === 0) return undefined;
    const words = isWhole ? this.texels.slice() : this.#changedWords();
    for (let index = 0; index < this.#changes; index += 1) this.#isChanged[this.#changed[index] ?? 0] = 0;
    this.#changes = 0;
    this.#isWhole = false;
    return { height: this.height, isWhole, words };
  }

  #note(place: number): void {
    if (this.#isWhole || this.#isChanged[place] === 1) return;
    if (this.#changes === this.#changed.length) {
      this.#isWhole = true;
      return;
    }
    this.#isChanged[place] = 1;
    this.#changed[this.#changes] = place;
    this.#changes += 1;
  }

  #changedWords(): Uint32Array<ArrayBuffer> {
    const words = new Uint32Array(this.#changes * CHANGE);
    for (let index = 0; index < this.#changes; index += 1) {
      const place = this.#changed[index] ?? 0;
      words[index * CHANGE] = place;
      words[index * CHANGE + 1] = this.texels[place * 2] ?? 0;
      words[index * CHANGE + 2] = this.texels[place * 2 + 1] ?? 0;
    }
    return words;
  }
}
