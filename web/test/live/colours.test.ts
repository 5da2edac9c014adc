import { expect, test } from "vitest";
import { rgb } from "../../src/gl/program.ts";

test("colours are read as they are written, and as the build shortens them", () => {
  expect(rgb("#ffffff")).toEqual([1, 1, 1]);
  expect(rgb("#fff")).toEqual([1, 1, 1]);
  expect(rgb("#0f3")).toEqual(rgb("#00ff33"));
  expect(rgb("#336699").map((part) => Math.round(part * 255))).toEqual([0x33, 0x66, 0x99]);
});
