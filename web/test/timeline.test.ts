// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { MARK_SHAPES } from "../src/charts/chart_paint.ts";
import { chinese } from "../src/i18n/chinese.ts";
import { english } from "../src/i18n/english.ts";
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
import { aHistory, HOSTILE } from "./samples.ts";

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

test("what happened to processes and to the machine is told in order, each by its kind", () => {
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
  const left = { ...process, id: "3-3", pid: 3, first_seen_ms: 0, ended_ms: 2_000, ended: "agent_stopped" };
  const replaced = { ...process, id: "4-4", pid: 4, first_seen_ms: 0, ended_ms: 2_000, ended: "executed" };
  const mark = (at_ms: number, kind: string, text: string, service: string | null = null) => ({
    at_ms,
    kind,
    text,
    process: null,
    service,
  });
  const happened = [
    mark(1_400, "deploy", "shop: v2 (abc) after v1 (def)", "shop"),
    mark(1_600, "note", `${HOSTILE}\u202e`, "cart"),
    mark(1_700, "agent_start", "gostat 1"),
    mark(1_800, "clock_set_back", "by 5 s"),
    mark(1_900, "of a later gostat", "?"),
    mark(9_000, "note", "later than what is shown"),
  ];
  const processes = [next, process, left, replaced];
  const marks = marksOf({ ...aHistory({ waiting: [1, 2, 3] }), processes }, happened);
  expect(marks.map(({ at_ms, kind, text }) => `${at_ms} ${kind} ${text}`)).toEqual([
    "0 start shop v1 3: first seen",
    "0 start shop v1 4: first seen",
    "500 start shop v1 1: first seen",
    "1000 end shop v1 1: ended, exited",
    "1400 deploy shop: v2 (abc) after v1 (def)",
    "1500 start shop v2 2: first seen",
    `1600 note cart: ${HOSTILE}\\u{202e}`,
    "1700 agent gostat 1",
    "1800 clock by 5 s",
    "1900 note ?",
    "2000 agent shop v1 3: ended, agent_stopped",
  ]);
});

test("every kind of mark has a shape of its own, and a word in every language", () => {
  const shapes = Object.values(MARK_SHAPES);
  expect(new Set(shapes).size).toBe(shapes.length);
  for (const words of [english, chinese]) {
    expect(Object.keys(words.timeline.markKinds).sort()).toEqual(Object.keys(MARK_SHAPES).sort());
  }
});
