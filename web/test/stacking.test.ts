import fc from "fast-check";
import { expect, test } from "vitest";
import { differences, stacked, totals, totalsMoved, unknownSpans } from "../src/charts/stacking.ts";
import { aHistory } from "./samples.ts";

test("series lie on each other; gaps are gaps in all of them", () => {
  const answer = aHistory({ waiting: [3, null, 5], running: [1, null, null] });
  expect(stacked(answer)).toEqual([
    [3, null, 5],
    [4, null, 5],
  ]);
  expect(totals(answer)).toEqual([4, null, 5]);
});

test("a slot in which looks took no stacks is not known, and not zero", () => {
  const answer = aHistory({ render: [3, 4, null, null, 5] }, "stack");
  const looked = { ...answer, slots: answer.slots.map((slot) => ({ ...slot, looks: 1, counts_only: 1 })) };
  expect(totals(looked)).toEqual([3, 4, null, null, 5]);
  expect(unknownSpans(looked)).toEqual([{ from_ms: 2_000, to_ms: 4_000 }]);
});

test("no area has a negative height", () => {
  const column = fc.array(fc.option(fc.nat({ max: 1_000_000 }), { nil: null }), {
    minLength: 5,
    maxLength: 5,
  });
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 6 }), (columns) => {
      const areas = stacked(
        aHistory(Object.fromEntries(columns.map((values, index) => [`s${index}`, values]))),
      );
      for (const [index, area] of areas.entries()) {
        for (const [slot, value] of area.entries()) {
          const below = areas[index - 1]?.[slot] ?? 0;
          if (value !== null) expect(value).toBeGreaterThanOrEqual(below);
        }
      }
    }),
  );
});

test("another time is moved to lie over this one, and is not made up where it was not looked at", () => {
  const now = aHistory({ waiting: [1, 1, 1, 1] }, "state", 10_000);
  const then = aHistory({ waiting: [7, null, 9] }, "state", 1_000);
  expect(totalsMoved(then, now, 9_000)).toEqual([7, null, 9, null]);
});

test("differences are by series; what was not there is not zero", () => {
  const now = aHistory({ waiting: [10, 20], running: [1, 1] });
  const then = aHistory({ waiting: [5, 5], syscall: [2, 2] });
  const found = differences(now, then).map(({ series, now, earlier }) => [series.name, now, earlier]);
  expect(found).toEqual([
    ["waiting", 15, 5],
    ["syscall", null, 2],
    ["running", 1, null],
  ]);
});
