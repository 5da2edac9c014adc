// The map: what is under a point is the dot that is drawn there, and everybody has room.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellOf, meaningOf } from "../../src/live/cells/grid.ts";
import { parseFilter } from "../../src/live/filter/parse.ts";
import { moved, onMap, WHOLE, zoomed } from "../../src/views/map/camera.ts";
import { filterOf } from "../../src/views/map/chosen.ts";
import { type Block, dotAt, filledHeight, geometryOf } from "../../src/views/map/geometry.ts";
import { NAME_LINE, NAMED_HEIGHT_MIN, NAMED_WIDTH_MIN } from "../../src/views/map/piles.ts";

const cells = fc.uniqueArray(
  fc.record({
    column: fc.integer({ min: 0, max: 6 }),
    p: fc.integer({ min: -1, max: 7 }),
    colour: fc.integer({ min: 0, max: 8 }),
    count: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 1_000_000 })),
  }),
  { selector: ({ column, p, colour }) => cellOf(column, p, colour), minLength: 1, maxLength: 30 },
);

const geometry = (all: readonly { column: number; p: number; colour: number; count: number }[]) =>
  geometryOf(
    {
      columns: 7,
      cells: Uint32Array.from(all.flatMap((c) => [cellOf(c.column, c.p, c.colour), c.count, c.count])),
      ps: 7,
    },
    1_000,
    560,
  );

describe("the map", () => {
  it("has every goroutine inside, and finds it where it is drawn", () => {
    fc.assert(
      fc.property(cells, fc.nat(), (all, nth) => {
        const drawn = geometry(all);
        expect(drawn.blocks.length).toBe(all.length);
        for (const block of drawn.blocks) {
          expect([
            block.x >= 0,
            block.y >= 0,
            block.x + block.width <= 1_000.01,
            block.y + block.height <= 560.01,
          ]).toEqual([true, true, true, true]);
          const rank = nth % block.count;
          // As the shader places it.
          const row = Math.floor(rank / block.perRow) + 0.5;
          const x = block.x + ((rank % block.perRow) + 0.5) * block.pitch;
          const y = block.isPile ? block.y + block.height - row * block.pitch : block.y + row * block.pitch;
          const found = dotAt(drawn, x, y);
          expect([found?.block.cell, found?.rank]).toEqual([block.cell, rank]);
        }
      }),
    );
  });

  it("has room above piles for their names, where no dot is", () => {
    const isNamed = (pile: Block) =>
      pile.meaning.colour > 0 && pile.width >= NAMED_WIDTH_MIN && pile.height >= NAMED_HEIGHT_MIN;
    fc.assert(
      fc.property(cells, (all) => {
        const { blocks, pilesFrom } = geometry(all);
        const piles = blocks.filter(({ isPile }) => isPile);
        const tops = piles.map(({ y, above }) => y - above);
        expect(Math.min(...tops, pilesFrom)).toBeGreaterThanOrEqual(pilesFrom - 0.01);
        expect(piles.filter((pile) => filledHeight(pile) > pile.height + 0.01)).toEqual([]);
        expect(piles.filter((pile) => isNamed(pile) && pile.above < NAME_LINE)).toEqual([]);
        const [first] = piles.filter(isNamed);
        const higher = piles.filter(({ x, y }) => x === first?.x && y < first.y);
        for (const { y, height } of higher) {
          expect(y + height).toBeLessThanOrEqual((first?.y ?? 0) - (first?.above ?? 0) + 0.01);
        }
      }),
    );
  });

  it("numbers cells in a way that can be undone", () => {
    for (const p of [-1, 0, 17, 239]) {
      for (const colour of p < 0 ? [0, 8] : [-1]) {
        expect(meaningOf(cellOf(5, p, colour))).toEqual({ column: 5, p, colour });
      }
    }
    expect(cellOf(15, -1, 8)).toBeLessThan(0xfff);
  });

  it("gives filters that can be understood", () => {
    const columns = ["running", "chan receive", "it's <odd>"].map((name, index) => ({
      kind: index === 0 ? ("status" as const) : ("reason" as const),
      name,
    }));
    fc.assert(
      fc.property(cells, (all) => {
        const filter = filterOf(
          geometry(all).blocks.filter(({ meaning }) => meaning.column < 3),
          columns,
        );
        expect(() => parseFilter(filter)).not.toThrow();
      }),
    );
  });

  it("never shows what is beside it, and keeps the point under the pointer", () => {
    const step = fc.tuple(fc.double({ min: 0.3, max: 3, noNaN: true }), fc.integer({ min: 0, max: 999 }));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let camera = WHOLE;
        for (const [by, at] of steps) {
          camera = moved(zoomed(camera, by, at, at / 2, 1_000, 560), at - 500, 3, 1_000, 560);
          const [from, to] = [onMap(camera, 0, 0), onMap(camera, 1_000, 560)];
          expect(Math.min(from.x, from.y, 1_000 - to.x, 560 - to.y)).toBeGreaterThan(-0.01);
        }
      }),
    );
    const before = onMap(WHOLE, 400, 200);
    const after = onMap(zoomed(WHOLE, 4, 400, 200, 1_000, 560), 400, 200);
    expect([after.x, after.y]).toEqual([before.x, before.y]);
  });
});
