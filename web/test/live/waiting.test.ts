// What waits for the graphics card arrives there: in pieces that a frame has room for, the latest of each texel last.
import fc from "fast-check";
import { expect, it } from "vitest";
import { CHANGE, type Patch, WIDTH } from "../../src/live/cells/texture.ts";
import {
  CELL_ROWS,
  CELL_WORDS,
  CELLS,
  CHANGES_A_FRAME,
  ROWS_A_FRAME,
  Waiting,
} from "../../src/views/map/waiting.ts";

const HEIGHT = 150;
const DOTS = HEIGHT * WIDTH;

/** As the card does it. */
class Card {
  readonly texels = new Uint32Array((CELL_ROWS * WIDTH + DOTS) * 2);
  frames = 0;

  frame(waiting: Waiting): void {
    const upload = waiting.next();
    if (!upload) return;
    this.frames += 1;
    if (upload.kind === "rows") {
      expect(upload.rows).toBeLessThanOrEqual(ROWS_A_FRAME);
      expect(upload.words.length).toBe(upload.rows * WIDTH * 2);
      this.texels.set(upload.words, upload.first * WIDTH * 2);
      return;
    }
    expect(upload.count).toBeLessThanOrEqual(CHANGES_A_FRAME);
    for (let at = 0; at < upload.count * CHANGE; at += CHANGE) {
      this.texels.set(upload.words.subarray(at + 1, at + 3), (upload.words[at] ?? 0) * 2);
    }
  }

  dots(): Uint32Array {
    return this.texels.subarray(CELL_ROWS * WIDTH * 2);
  }

  cells(): Float32Array {
    return new Float32Array(this.texels.buffer, 0, CELLS * CELL_WORDS);
  }
}

function whole(seed: number): Patch {
  return { height: HEIGHT, isWhole: true, words: new Uint32Array(DOTS * 2).fill(seed) };
}

function changed(first: number, count: number, seed: number): Patch {
  const words = new Uint32Array(count * CHANGE);
  for (let index = 0; index < count; index += 1) {
    words.set([(first + index * 7) % DOTS, seed, index], index * CHANGE);
  }
  return { height: HEIGHT, isWhole: false, words };
}

function cellsOf(seed: number): Float32Array<ArrayBuffer> {
  const cells = new Float32Array(CELLS * CELL_WORDS);
  for (let cell = seed % 5; cell < CELLS; cell += 1 + (seed % 90)) {
    cells.set([seed + 0.5, cell, 1.25, -3], cell * CELL_WORDS);
  }
  return cells;
}

/** What the card is to have in the end, while things wait. */
class Wanted {
  readonly waiting = new Waiting();
  readonly card = new Card();
  readonly dots = new Uint32Array(DOTS * 2);
  cells = new Float32Array(CELLS * CELL_WORDS);

  readonly steps = {
    frame: () => this.card.frame(this.waiting),
    cells: (seed: number) => {
      this.cells = cellsOf(seed);
      this.waiting.place(this.cells);
    },
    whole: (seed: number) => {
      this.dots.fill(seed);
      this.waiting.take(whole(seed));
    },
    changed: (seed: number, first: number, count: number) => {
      const patch = changed(first, count, seed);
      for (let at = 0; at < patch.words.length; at += CHANGE) {
        this.dots.set(patch.words.subarray(at + 1, at + 3), (patch.words[at] ?? 0) * 2);
      }
      this.waiting.take(patch);
    },
  };
}

const step = fc.tuple(
  fc.constantFrom("frame" as const, "cells" as const, "whole" as const, "changed" as const),
  fc.nat(99),
  fc.nat(DOTS - 1),
  fc.integer({ min: 1, max: 70_000 }),
);
const same = (a: ArrayLike<number>, b: ArrayLike<number>) => a.length === b.length && differing(a, b) === -1;

function differing(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return at;
  return -1;
}

it("all arrives, whatever comes while something waits", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const wanted = new Wanted();
      for (const [kind, seed, first, count] of steps) wanted.steps[kind](seed, first, count);
      const { waiting, card } = wanted;
      for (let frame = 0; frame < 50 && !waiting.isEmpty; frame += 1) card.frame(waiting);
      expect([same(card.dots(), wanted.dots), same(card.cells(), wanted.cells)]).toEqual([true, true]);
    }),
    { numRuns: 25 },
  );
});

it("what changes at a tick is one upload: dots and cells", () => {
  const [waiting, card] = [new Waiting(), new Card()];
  waiting.take(changed(5, 3_000, 1));
  waiting.place(cellsOf(7));
  waiting.take(changed(9, 3_000, 2));
  card.frame(waiting);
  expect([card.frames, waiting.isEmpty]).toEqual([1, true]);
});

it("a new texture gets its cells", () => {
  const [waiting, first, second] = [new Waiting(), new Card(), new Card()];
  waiting.place(cellsOf(3));
  first.frame(waiting);
  waiting.placeAgain();
  second.frame(waiting);
  expect(second.cells()).toEqual(first.cells());
});
