// The table: rows in order, and a scroll bar that reaches all of them.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Picture } from "../../src/live/picture.ts";
import { ordered, SORTS, type Sort } from "../../src/live/rows/order.ts";
import { HEIGHT_MAX, scrolled, scrollFor } from "../../src/live/rows/scrolling.ts";
import { type ShownRow, shownRow } from "../../src/live/rows/window.ts";
import { read } from "../../src/live/wire/frame.ts";
import { firstHead, written } from "./writing.ts";

const ROW = 28;

describe("scrolling", () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 4_000_000 }), fc.integer({ min: 50, max: 2_000 }));

  it("shows whole rows at every place of the scroll bar", () => {
    fc.assert(
      fc.property(sizes, fc.double({ min: 0, max: 1, noNaN: true }), ([total, view], at) => {
        const height = Math.min(total * ROW, HEIGHT_MAX);
        const top = at * Math.max(height - view, 0);
        const seen = scrolled(total, ROW, view, top);
        expect(seen.height).toBe(height);
        expect(seen.first).toBeGreaterThanOrEqual(0);
        expect(seen.first + seen.count).toBeLessThanOrEqual(total);
        // The first row covers the upper edge, the last one the lower.
        expect(seen.top).toBeLessThanOrEqual(top + 0.01);
        const bottom = seen.top + seen.count * ROW;
        expect(bottom).toBeGreaterThanOrEqual(Math.min(top + view, total * ROW) - 0.01);
      }),
    );
  });

  it("reaches the first and the last row, and any that is wanted", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), ([total, view], wanted) => {
        expect(scrolled(total, ROW, view, 0).first).toBe(0);
        const end = scrolled(total, ROW, view, HEIGHT_MAX);
        expect(end.first + end.count).toBe(total);
        const row = wanted % total;
        const seen = scrolled(total, ROW, view, scrollFor(row, total, ROW, view));
        expect(seen.first).toBeLessThanOrEqual(row);
        expect(seen.first + seen.count).toBeGreaterThan(row);
      }),
    );
  });
});

/** What a row is sorted by, as far as it is shown. */
function keyOf(row: ShownRow | undefined, sort: Sort): number | string {
  const keys: Partial<Record<Sort, number | string>> = {
    id: row?.id ?? 0,
    age: row?.ageMs ?? -1,
    p: row?.p ?? -1,
    status: row?.status ?? "",
    reason: row?.reason ?? "",
    function: row?.own?.function ?? "",
  };
  return keys[sort] ?? "";
}

describe("order", () => {
  const row = fc.record({
    id: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
    sinceMs: fc.nat(4_000_000),
    cohort: fc.integer({ min: 0, max: 4 }),
    p: fc.integer({ min: -1, max: 9 }),
  });

  it("has everybody once, each not before the one before it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row),
        fc.constantFrom(...SORTS),
        fc.boolean(),
        async (rows, sort, descending) => {
          const picture = new Picture();
          const all = rows.map((one, place) => ({ ...one, place }));
          picture.apply(await read(written(firstHead(4, rows.length), true, all)));
          const order = [...ordered(picture, undefined, sort, descending)];
          const there = all.filter(({ cohort }) => cohort > 0).map(({ place }) => place);
          expect([...order].sort((a, b) => a - b)).toEqual(there);
          const shown = order.map((place) => shownRow(picture, place));
          const key = (index: number) => keyOf(shown[index], sort);
          for (let index = 1; index < order.length; index += 1) {
            const [before, after] = descending ? [key(index), key(index - 1)] : [key(index - 1), key(index)];
            expect(before <= after).toBe(true);
          }
        },
      ),
    );
  });
});
