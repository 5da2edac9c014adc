// Cells and ranks: every goroutine has one dot, ranks of a cell are dense, and what is on the graphics card, put together
// from patches, is what all dots written anew would be.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NOWHERE } from "../../src/live/cells/grid.ts";
import { Seating } from "../../src/live/cells/seating.ts";
import { CHANGE, type Patch, WIDTH } from "../../src/live/cells/texture.ts";
import { parseFilter } from "../../src/live/filter/parse.ts";
import { Watch } from "../../src/live/watch.ts";
import { read } from "../../src/live/wire/frame.ts";
import { firstHead, headOf, type Row, written } from "./writing.ts";

/** The card's side. */
class Card {
  texels = new Uint32Array(0);

  take(patch: Patch | undefined): void {
    if (!patch) return;
    const length = patch.height * WIDTH * 2;
    if (length !== this.texels.length) {
      expect(patch.isWhole).toBe(true);
      this.texels = new Uint32Array(length);
    }
    if (patch.isWhole) {
      this.texels.set(patch.words);
      return;
    }
    for (let at = 0; at < patch.words.length; at += CHANGE) {
      this.texels.set(patch.words.subarray(at + 1, at + 3), (patch.words[at] ?? 0) * 2);
    }
  }
}

// biome-ignore-start lint/complexity/noExcessiveCognitiveComplexity: one look at each dot, with all that can be wrong.
/** What is wrong with the dots; nothing should be. */
function wrong(watch: Watch, { texels }: Card): string[] {
  const found: string[] = [];
  const ranks = new Map<number, Set<number>>();
  for (let place = 0; place < texels.length / 2; place += 1) {
    const cell = (texels[place * 2 + 1] ?? 0) & 0xfff;
    const isThere = place < watch.picture.places && (watch.picture.cohortOf[place] ?? 0) > 0;
    if ((cell !== NOWHERE) !== isThere) found.push(`a dot, or none, at ${place}`);
    if (!isThere) continue;
    const rank = (texels[place * 2] ?? 0) & 0xff_ffff;
    const all = ranks.get(cell) ?? new Set();
    ranks.set(cell, all);
    if (all.has(rank)) found.push(`rank ${rank} of ${cell} twice`);
    all.add(rank);
    if (watch.who(cell, rank)?.id !== watch.picture.ids[place])
      found.push(`another at rank ${rank} of ${cell}`);
  }
  for (const [cell, all] of ranks) {
    if (Math.max(...all) !== all.size - 1) found.push(`ranks of ${cell} have holes`);
  }
  return found;
}
// biome-ignore-end lint/complexity/noExcessiveCognitiveComplexity: see above.

const change = fc.record({
  place: fc.nat(2_600),
  id: fc.integer({ min: 1, max: 1_000_000 }),
  sinceMs: fc.nat(5_000_000),
  cohort: fc.integer({ min: 0, max: 4 }),
  p: fc.integer({ min: -1, max: 3 }),
});
const ticks = fc.array(
  fc.record({
    isEverything: fc.boolean(),
    rows: fc.uniqueArray(change, { selector: ({ place }) => place, maxLength: 60 }),
  }),
  { minLength: 1, maxLength: 6 },
);
const FILTERS = ["", "state=waiting", "p>=1", "func~worker or age>20m", "not worker"];

describe("dots", () => {
  it("are what they would be if they were written anew", async () => {
    await fc.assert(
      fc.asyncProperty(ticks, fc.constantFrom(...FILTERS), async (all, filter) => {
        const [watch, card] = [new Watch(), new Card()];
        let number = 0;
        for (const { isEverything, rows } of all) {
          number += 1;
          const sorted: Row[] = [...rows].sort((a, b) => a.place - b.place);
          const key = isEverything || number === 1;
          const head = key ? { ...firstHead(4, 2_601), number } : headOf(number, { places: 2_601 });
          watch.take(await read(written(head, key, sorted)));
          if (number === 2) watch.filter(parseFilter(filter));
          card.take(watch.patch(false));
          expect(wrong(watch, card)).toEqual([]);
        }
        const whole = new Card();
        whole.take(watch.patch(true));
        expect(Buffer.from(card.texels.buffer).equals(Buffer.from(whole.texels.buffer))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it("that change are few where few goroutines do", async () => {
    const watch = new Watch();
    const rows = Array.from({ length: 50_000 }, (_, place) => ({
      place,
      id: place + 1,
      sinceMs: 1,
      cohort: 1,
      p: -1,
    }));
    watch.take(await read(written(firstHead(4, 50_000), true, rows)));
    watch.patch(false);
    watch.take(
      await read(
        written(headOf(2, { places: 50_000 }), false, [
          { place: 25_000, id: 1, sinceMs: 1, cohort: 2, p: 0 },
        ]),
      ),
    );
    const patch = watch.patch(false);
    // The one that moved, and the one that took its rank.
    expect([patch?.isWhole, patch?.words.length]).toEqual([false, 2 * CHANGE]);
    expect(watch.patch(false)).toBeUndefined();
  });
});

function moved(moves: readonly (readonly [place: number, cell: number])[]): {
  seating: Seating;
  cells: Map<number, number>;
} {
  const [seating, cells] = [new Seating(), new Map<number, number>()];
  seating.reserve(100);
  for (const [place, cell] of moves) {
    seating.move(place, cell);
    cells.set(place, cell);
  }
  return { seating, cells };
}

describe("seats", () => {
  it("are given to one goroutine each, whoever moves", () => {
    const cell = fc.constantFrom(0, 1, 2, 3, 4, NOWHERE);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(99), cell)), (moves) => {
        const { seating, cells } = moved(moves);
        const there = [...cells].filter(([, at]) => at !== NOWHERE);
        for (const [place, at] of there) expect(seating.at(at, seating.ranks[place] ?? 0)).toBe(place);
        for (const one of [0, 1, 2, 3, 4]) {
          expect(seating.count(one)).toBe(there.filter(([, at]) => at === one).length);
        }
      }),
    );
  });
});
