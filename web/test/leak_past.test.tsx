// @vitest-environment happy-dom
// A group of leaked goroutines has its finding, its growth and since when it is there; the runtime's frames are folded.
import { render } from "preact";
import { expect, test } from "vitest";
import type { Leak } from "../src/api/leaks.ts";
import { target } from "../src/api/targets.ts";
import { StackList } from "../src/parts/stack_list.tsx";
import { beganIn, findingOf, spotOf } from "../src/views/leaks/leak_past.tsx";
import { leakAsIssue, leakAsText } from "../src/views/leaks/leak_text.ts";
import { aFinding, aHistory, targetJson } from "./samples.ts";

const place = (name: string, line: number) => ({ function: name, file: "x.go", line });
const leak: Leak = {
  verdict: "proven",
  goroutines: [7],
  wait_reason: "chan send",
  score: null,
  boundary: null,
  retained_bytes: null,
  made_at: null,
  evidence: ["nothing that can run reaches them"],
  sentence: "1 goroutine can never run again.",
  fix: null,
  count: 1,
  longest_wait_ms: 1_000,
  title: null,
  object: null,
  fingerprint: null,
  created_by: null,
  stack: [place("runtime.gopark", 474), place("runtime.chansend", 5), place("main.leak", 7)],
};

test("the finding on a group stands at its place in its process; one on a leak comes first", () => {
  const process = target(targetJson(), "");
  const elsewhere = aFinding({ id: "a", causes: [{ ...aFinding().causes[0], line: 8 }] });
  const growth = aFinding({ id: "b", family: "growth", first_seen_unix_ms: 1 });
  const over = aFinding({ id: "c", state: "resolved", first_seen_unix_ms: 2 });
  const all = [elsewhere, growth, over, aFinding({ id: "d" })];
  expect(findingOf(leak, process, all)?.id).toBe("d");
  expect(findingOf(leak, process, [elsewhere, growth])?.id).toBe("b");
  expect(findingOf(leak, target(targetJson({ pid: 43 }), ""), all)).toBeUndefined();
  expect(findingOf(leak, undefined, all)).toBeUndefined();
  expect(spotOf(leak)).toMatchObject({ function: "main.leak", line: 7 });
});

test("since when it is there is known only if somebody has looked before", () => {
  expect(beganIn(aHistory({ "main.leak": [0, null, 0, 3, 4] }, "stack"))).toBe(3_000);
  expect(beganIn(aHistory({ "main.leak": [null, null, 3, 4] }, "stack"))).toBeUndefined();
  expect(beganIn(aHistory({ "main.leak": [3, 4] }, "stack"))).toBeUndefined();
  expect(beganIn(aHistory({ "main.leak": [0, 0] }, "stack"))).toBeUndefined();
});

test("when it was first seen is in what is copied", () => {
  expect(leakAsText(leak, aFinding())).toContain("first seen: 2023-11-14T22:13:20Z");
  expect(leakAsIssue(leak, aFinding())).toContain("first seen");
  expect(leakAsText(leak)).not.toContain("first seen");
});

test("frames of the runtime are folded, unless there are no others", () => {
  const root = document.createElement("div");
  render(<StackList places={leak.stack} />, root);
  expect(root.querySelector("details")?.open).toBe(false);
  expect(root.querySelectorAll("details li")).toHaveLength(2);
  const shown = [...root.querySelectorAll("li")].filter((line) => !line.closest("details"));
  expect(shown.map(({ textContent }) => textContent)).toEqual(["main.leak x.go:7"]);
  render(<StackList places={leak.stack.slice(0, 2)} />, root);
  expect(root.querySelectorAll("details")).toHaveLength(0);
  expect(root.querySelectorAll("li")).toHaveLength(2);
});
