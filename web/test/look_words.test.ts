// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { target } from "../src/api/targets.ts";
import { lookTroubles, lookWords } from "../src/views/target/look_words.ts";
import { targetJson } from "./samples.ts";

const said = (changes: object) => {
  const one = target(targetJson(changes), "");
  return [lookWords(one), ...lookTroubles(one)];
};

test("how a process is looked at, and what keeps the agent from more", () => {
  expect(said({})).toEqual(["stacks, every 5 s"]);
  expect(said({ collect: "counts", interval_ms: 60_000 })).toEqual([
    "counts only, every 60 s",
    "over budget: wanted stacks, every 5 s",
  ]);
  expect(said({ breaker: "open" })).toEqual(["stacks, every 5 s", "left alone after failures"]);
  expect(said({ enabled: false, collect: "off", breaker: "open" })).toEqual([
    "not looked at",
    "switched off by a user",
  ]);
});

test("a word that the page does not know is shown as it is", () => {
  expect(said({ collect: "headers", collect_wanted: "headers" })).toEqual(["headers, every 5 s"]);
});
