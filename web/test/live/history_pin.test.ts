// A moment of the agent's history, as the flame graph compares with it.
import { expect, test } from "vitest";
import type { HistoryAnswer, Series } from "../../src/api/history.ts";
import { countsAt, questionAbout } from "../../src/views/stacks/from_history.ts";
import { aHistory } from "../samples.ts";

/** Stacks by name, their functions innermost first. */
function withStacks(
  answer: HistoryAnswer,
  stacks: Readonly<Record<string, readonly string[]>>,
): HistoryAnswer {
  const stackOf = ({ name }: Series) => ({
    frames: (stacks[name ?? ""] ?? []).map((called) => ({
      function: called,
      file: "a.go",
      line: 1,
      inlined: false,
    })),
    complete: true,
    created_by: null,
    is_runtime: false,
  });
  return { ...answer, series: answer.series.map((series) => ({ ...series, stack: stackOf(series) })) };
}

const answer = withStacks(aHistory({ a: [null, 2, 5], b: [null, 1, 1] }, "stack", 10_000), {
  a: ["runtime.gopark", "main.wait", "main.run", "main.main.gowrap1"],
  b: ["main.work", "main.run"],
});

test("the nearest look with stacks is compared with, by the paths of the picture", () => {
  const found = countsAt(answer, 11_100);
  expect(found?.atMs).toBe(11_000);
  expect([...(found?.counts ?? [])]).toEqual([
    ["", 3],
    ["\nmain.run", 3],
    ["\nmain.run\nmain.wait", 2],
    ["\nmain.run\nmain.wait\nruntime.gopark", 2],
    ["\nmain.run\nmain.work", 1],
  ]);
  expect(countsAt(answer, 99_000)?.counts.get("")).toBe(6);
});

test("a time without stacks is not compared with", () => {
  const countsOnly = { ...answer, slots: answer.slots.map((slot) => ({ ...slot, counts_only: slot.looks })) };
  expect(countsAt(countsOnly, 11_000)).toBeUndefined();
  expect(countsAt({ ...answer, slots: [] }, 11_000)).toBeUndefined();
});

test("the history is asked for the time about the moment", () => {
  expect(questionAbout("1-2", 1_700_000_000_500)).toMatchObject({
    since: "@1699999970.5",
    until: "@1700000030.5",
    by: "stack",
  });
});
