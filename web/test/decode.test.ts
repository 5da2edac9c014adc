import fc from "fast-check";
import { expect, test } from "vitest";
import { count, list, map, nullable, object, ShapeError, text, word } from "../src/api/decode.ts";
import { findings } from "../src/api/findings.ts";
import { historyAnswer } from "../src/api/history.ts";
import { health, targets } from "../src/api/targets.ts";
import { findingJson, targetJson } from "./samples.ts";

test("what differs is named by its path", () => {
  const shape = object({ causes: list(object({ line: count })) });
  expect(() => shape({ causes: [{ line: 1 }, { line: "two" }] }, "")).toThrow(
    "causes[1].line is not a number",
  );
  expect(() => shape({}, "")).toThrow("causes is not a list");
  expect(() => shape([], "")).toThrow("the answer is not an object");
});

test("lists, texts and maps are bounded", () => {
  expect(() => list(text, 2)(["a", "b", "c"], "names")).toThrow("names is not a list of at most 2");
  expect(() => text("x".repeat(70_000), "name")).toThrow(ShapeError);
  const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, key) => [key, "x"]));
  expect(() => map(text)(many, "labels")).toThrow(ShapeError);
});

test("keys of a label map are data, whatever they are called", () => {
  const labels = map(text)(JSON.parse('{"__proto__": "a", "constructor": "b"}'), "labels");
  expect([...labels]).toEqual([
    ["__proto__", "a"],
    ["constructor", "b"],
  ]);
  expect(() => object({ toString: text })({}, "")).toThrow("toString is not a text");
});

test("absent and null are the same where nothing need be", () => {
  expect(object({ fix: nullable(text) })({}, "")).toEqual({ fix: null });
  expect(word("a", "b")("b", "")).toBe("b");
  expect(() => word("a", "b")("c", "state")).toThrow("state is not one of a, b");
});

test("what the agent sends is understood, and what it will send besides is left out", () => {
  const known = targets({ targets: [{ ...targetJson(), new_thing: [1, 2] }], other: 1 }, "").targets[0];
  expect(known).not.toHaveProperty("new_thing");
  expect(known?.labels.get("service.name")).toBe("shop");
});

test("a pathology has its name in an object", () => {
  const changes = { kind: { pathology: "timer_storm" }, family: { pathology: "timer_storm" } };
  const answer = findings({ findings: [findingJson(changes)], silences: [], sinks: [] }, "");
  expect([answer.findings[0]?.kind, answer.findings[0]?.family]).toEqual(["timer_storm", "timer_storm"]);
});

test("whatever comes, it is understood or refused by a ShapeError", () => {
  const decoders = [targets, findings, historyAnswer, health] as const;
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat({ max: decoders.length - 1 }), (value, index) => {
      try {
        decoders[index]?.(value, "");
      } catch (error) {
        expect(error).toBeInstanceOf(ShapeError);
      }
    }),
  );
});
