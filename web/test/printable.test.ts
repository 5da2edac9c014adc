import fc from "fast-check";
import { expect, test } from "vitest";
import { fileName, printable, splitFunction } from "../src/format/printable.ts";

test("what nobody sees is written out", () => {
  expect(printable("a\u202eb\u0000c\nd\u200b")).toBe("a\\u{202e}b\\u{0}c\\u{a}d\\u{200b}");
  expect(printable("协程 goroutine 🐹")).toBe("协程 goroutine 🐹");
});

test("no text turns, breaks or goes on for ever", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 100 }), (text) => {
      const shown = printable(text);
      expect(shown).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
  expect(printable("x".repeat(1_000_000)).length).toBe(2_001);
});

test("functions are split after their package", () => {
  expect(splitFunction("net/http.(*conn).serve")).toEqual(["net/http.", "(*conn).serve"]);
  expect(splitFunction("example.com/a.b/c.Do[example.com/x.T]")).toEqual([
    "example.com/a.b/c.",
    "Do[example.com/x.T]",
  ]);
  expect(splitFunction("main.main.func1")).toEqual(["main.", "main.func1"]);
  expect(splitFunction("_start")).toEqual(["", "_start"]);
});

test("a split loses nothing", () => {
  fc.assert(fc.property(fc.string(), (name) => splitFunction(name).join("") === name));
});

test("file names", () => {
  expect([fileName("a/b/c.go"), fileName("c.go"), fileName("")]).toEqual(["c.go", "c.go", ""]);
});
