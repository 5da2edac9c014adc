// What waits to be uploaded: changed dots and cells, as many a frame as there is room for, in one go.
import { CHANGE, type Patch, WIDTH } from "../../live/cells/texture.ts";

/** The state's first rows have the cells, two texels each; dots come after them. */
export const CELL_ROWS = 8;
export const CELLS = (CELL_ROWS * WIDTH) / 2;
const FIRST_DOT = CELL_ROWS * WIDTH;
/** Words of a cell: where it begins, x and y; the distance of dots; how many are side by side, negative if they pile up. */
export const CELL_WORDS = 4;

/** Rows of dots that a frame uploads where all are uploaded, and changed texels otherwise: half a MiB each. */
export const ROWS_A_FRAME = 64;
export const CHANGES_A_FRAME = 32_768;

/** What a frame uploads: rows of all dots, or texels that have changed. */
export type Upload =
  | { readonly kind: "rows"; readonly words: Uint32Array; readonly first: number; readonly rows: number }
  | { readonly kind: "changes"; readonly words: Uint32Array; readonly count: number };

export class Waiting {
  #patches: Patch[] = [];
  /** How much of the first of them has been uploaded: rows, or changes. */
  #done = 0;
  /** Cells as they are wanted, and which of them wait. */
  readonly #cells = new Float32Array(CELLS * CELL_WORDS);
  readonly #bits = new Uint32Array(this.#cells.buffer);
  readonly #changed = new Set<number>();
  readonly #staged = new Uint32Array(CHANGES_A_FRAME * CHANGE);

  get isEmpty(): boolean {
    return this.#patches.length === 0 && this.#changed.size === 0;
  }

  take(patch: Patch): void {
    // What all of the dots replace need not be uploaded any more.
    if (patch.isWhole) [this.#patches, this.#done] = [[], 0];
    this.#patches.push(patch);
  }

  /** Cells as they are to be: those that are not as they were wait. */
  place(cells: Float32Array): void {
    for (let at = 0; at < cells.length; at += 1) {
      if (cells[at] !== this.#cells[at]) this.#changed.add(Math.floor(at / CELL_WORDS));
    }
    this.#cells.set(cells);
  }

  /** A new texture has no cells yet. */
  placeAgain(): void {
    for (let at = 0; at < this.#bits.length; at += 1) {
      if (this.#bits[at] !== 0) this.#changed.add(Math.floor(at / CELL_WORDS));
    }
  }

  /** What the next frame uploads. What it holds is overwritten by the one after that. */
  next(): Upload | undefined {
    const [patch] = this.#patches;
    if (patch?.isWhole) return this.#rows(patch);
    let count = this.#stageCells();
    for (let next = patch; next && !next.isWhole && count < CHANGES_A_FRAME; [next] = this.#patches) {
      count = this.#stage(next, count);
    }
    return count === 0 ? undefined : { kind: "changes", words: this.#staged, count };
  }

  #rows(patch: Patch): Upload {
    const first = this.#done;
    const rows = Math.min(ROWS_A_FRAME, patch.height - first);
    this.#finish(patch, rows, patch.height);
    const words = patch.words.subarray(first * WIDTH * 2, (first + rows) * WIDTH * 2);
    return { kind: "rows", words, first: CELL_ROWS + first, rows };
  }

  #stageCells(): number {
    let count = 0;
    for (const cell of this.#changed) {
      for (const half of [0, 1]) {
        const from = cell * CELL_WORDS + half * 2;
        this.#staged[count * CHANGE] = cell * 2 + half;
        this.#staged[count * CHANGE + 1] = this.#bits[from] ?? 0;
        this.#staged[count * CHANGE + 2] = this.#bits[from + 1] ?? 0;
        count += 1;
      }
    }
    this.#changed.clear();
    return count;
  }

  #stage(patch: Patch, count: number): number {
    const all = patch.words.length / CHANGE;
    const taken = Math.min(all - this.#done, CHANGES_A_FRAME - count);
    const from = this.#done * CHANGE;
    this.#staged.set(patch.words.subarray(from, from + taken * CHANGE), count * CHANGE);
    for (let index = count; index < count + taken; index += 1) {
      this.#staged[index * CHANGE] = (this.#staged[index * CHANGE] ?? 0) + FIRST_DOT;
    }
    this.#finish(patch, taken, all);
    return count + taken;
  }

  #finish(patch: Patch, some: number, all: number): void {
    this.#done += some;
    if (this.#done < all) return;
    this.#patches = this.#patches.filter((one) => one !== patch);
    this.#done = 0;
  }
}
