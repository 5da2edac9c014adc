// The state of every dot as a texture's texels, and which rows of it have changed.
//
// Two words a dot. The first: 24 bits rank, 4 bits colour of its stack, 1 bit whether the filter lets it through.
// The second: 12 bits cell, 20 bits since when it waits, in seconds. Ages are the shader's work: they change always.
import { NOWHERE } from "./grid.ts";

/** Texels of a row. */
export const WIDTH = 1_024;
/** Rows that a texture may have everywhere that WebGL 2 is; so many rows are eight million dots. */
export const HEIGHT_MAX = 8_192;
export const DOTS_MAX = WIDTH * HEIGHT_MAX;
/** Ranges of rows in a patch: more are joined, which sends some rows in vain. */
const RANGES_MAX = 8;

export const MATCHES = 1 << 28;
const SINCE_UNKNOWN = 0xf_ffff;
/** The origin of times is this many seconds after 0: who has waited for ten days still has its time. */
const ORIGIN_S = 900_000;

/** Rows of the texture that are to be uploaded. */
export interface Patch {
  /** Rows that the texture has. */
  readonly height: number;
  /** First row and number of rows, of each range; their texels follow one another. */
  readonly ranges: readonly (readonly [first: number, rows: number])[];
  readonly texels: Uint32Array<ArrayBuffer>;
}

export class Texture {
  texels = new Uint32Array(0);
  #touched = new Uint8Array(0);
  /** Monotonic milliseconds that seconds are counted from. */
  #originMs = 0;

  get height(): number {
    return this.#touched.length;
  }

  /** Seconds of a monotonic moment, as they are in texels. */
  seconds(ms: number): number {
    return (ms - this.#originMs) / 1_000 + ORIGIN_S;
  }

  begin(nowMs: number): void {
    this.#originMs = nowMs;
    this.texels.fill(0);
    for (let index = 1; index < this.texels.length; index += 2) this.texels[index] = NOWHERE;
    this.#touched.fill(1);
  }

  /** Makes room for so many places. What is beyond the largest texture has no dot. */
  reserve(places: number): void {
    const wanted = Math.min(Math.ceil(places / WIDTH), HEIGHT_MAX);
    if (wanted <= this.height) return;
    const height = Math.min(Math.ceil(wanted * 1.25), HEIGHT_MAX);
    const [texels, touched] = [new Uint32Array(height * WIDTH * 2), new Uint8Array(height).fill(1)];
    texels.set(this.texels);
    for (let index = this.texels.length + 1; index < texels.length; index += 2) texels[index] = NOWHERE;
    [this.texels, this.#touched] = [texels, touched];
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
    this.#touched[Math.floor(place / WIDTH)] = 1;
  }

  /** What has changed since the last patch; `undefined` if nothing has. */
  patch(everything: boolean): Patch | undefined {
    if (everything) this.#touched.fill(1);
    const ranges = joined(rangesOf(this.#touched));
    if (ranges.length === 0) return undefined;
    this.#touched.fill(0);
    const rows = ranges.reduce((sum, [, count]) => sum + count, 0);
    const texels = new Uint32Array(rows * WIDTH * 2);
    let at = 0;
    for (const [first, count] of ranges) {
      texels.set(this.texels.subarray(first * WIDTH * 2, (first + count) * WIDTH * 2), at);
      at += count * WIDTH * 2;
    }
    return { height: this.height, ranges, texels };
  }
}

function rangesOf(touched: Uint8Array): [number, number][] {
  const ranges: [number, number][] = [];
  for (const [row, isTouched] of touched.entries()) {
    if (!isTouched) continue;
    const last = ranges.at(-1);
    if (last && last[0] + last[1] === row) last[1] += 1;
    else ranges.push([row, 1]);
  }
  return ranges;
}

/** Joins neighbours, the nearest first, until there are few. */
function joined(ranges: [number, number][]): [number, number][] {
  if (ranges.length <= RANGES_MAX) return ranges;
  const gaps = ranges.slice(1).map(([first], index) => {
    const [before, rows] = ranges[index] ?? [0, 0];
    return first - before - rows;
  });
  const kept = [...gaps].sort((a, b) => b - a)[RANGES_MAX - 1] ?? 0;
  const fewer: [number, number][] = [];
  for (const [index, [first, rows]] of ranges.entries()) {
    const last = fewer.at(-1);
    const isApart = (gaps[index - 1] ?? 0) > kept && fewer.length < RANGES_MAX;
    if (last && !isApart) last[1] = first + rows - last[0];
    else fewer.push([first, rows]);
  }
  return fewer;
}
