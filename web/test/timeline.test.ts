// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { marksOf } from "../src/views/timeline/marks.ts";
import {
  asked,
  durationMs,
  momentMs,
  momentWord,
  offsetMs,
  question,
  questionThen,
  widened,
} from "../src/views/timeline/question.ts";
import { aHistory } from "./samples.ts";

const of = (query: string) => asked(new URLSearchParams(query));

test("an address is a question; what makes no sense in it is left out", () => {
  expect(question(of("target=shop&by=stack&since=@100.5&until=@200&top=20"))).toEqual({
    target: "shop",
    by: "stack",
    since: "@100.5",
    until: "@200",
    top: 20,
  });
  expect(question(of("target=shop&by=magic&since=yesterday&until=@x&top=7"))).toEqual({
    target: "shop",
    by: "state",
    since: "1h",
    top: 8,
  });
});

test("durations and moments", () => {
  expect([durationMs("15m"), durationMs("7d"), durationMs("@5"), durationMs("1y")]).toEqual([
    900_000,
    604_800_000,
    undefined,
    undefined,
  ]);
  expect([momentWord(1_500), momentWord(100_000), momentMs("@1.5")]).toEqual(["@1.5", "@100", 1_500]);
});

test("zooming out keeps the middle, and does not ask the future", () => {
  expect(widened(100_000, 200_000, 1_000_000)).toEqual({ since: "@0", until: "@300" });
  expect(widened(100_000, 200_000, 250_000)).toEqual({ since: "@0", until: undefined });
  expect(widened(10_000, 200_000, 1_000_000).since).toBe("@0");
});

test("the time compared with is as long, and asked for with slots as wide", () => {
  const answer = aHistory({ waiting: [1, 2, 3] }, "state", 7_200_000);
  const shown = of("target=shop&since=1h&compare=before");
  expect(offsetMs(shown, answer)).toBe(3_600_000);
  expect(questionThen(shown, answer, 3_600_000)).toMatchObject({
    since: "@3600",
    until: "@3610",
    step: "1000ms",
  });
  expect(offsetMs(of("target=shop"), answer)).toBeUndefined();
});

test("a new version of a program is a deploy; ends say how", () => {
  const process = {
    id: "1-1",
    pid: 1,
    name: "shop",
    executable: "/shop",
    go_version: "go1.27.4",
    module: null,
    module_version: "v1",
    container: null,
    labels: new Map<string, string>(),
    first_seen_ms: 500,
    last_seen_ms: 2_500,
    ended_ms: 1_000,
    ended: "exited",
    goroutines: null,
  };
  const next = { ...process, id: "2-2", pid: 2, module_version: "v2", first_seen_ms: 1_500, ended_ms: null };
  const marks = marksOf({ ...aHistory({ waiting: [1, 2, 3] }), processes: [next, process] });
  expect(marks.map(({ at_ms, text }) => `${at_ms} ${text}`)).toEqual([
    "500 shop 1: first seen",
    "1000 shop 1: ended, exited",
    "1500 shop 2: now v2",
  ]);
});
