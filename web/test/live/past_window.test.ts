// The part of the past that is seen: what the address says, gestures and the picture mean the same.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { PastColumn } from "../../src/live/stacks/past.ts";
import { type Camera, cameraAt, cameraWord, WHOLE } from "../../src/views/map/camera.ts";
import {
  cameraOf,
  columnAt,
  columnsOf,
  timeAt,
  windowOf,
  windowSaid,
  windowWord,
} from "../../src/views/map/past_window.ts";

const past = fc
  .array(fc.integer({ min: 200, max: 5_000 }), { minLength: 2, maxLength: 60 })
  .map((steps): PastColumn[] => {
    let atUnixMs = 1_700_000_000_000;
    return steps.map((step) => {
      atUnixMs += step;
      return { atUnixMs, counts: new Uint32Array(0) };
    });
  });
const part = fc.double({ min: 0, max: 1, noNaN: true });

test("times and columns lead to each other, beyond the ends as well", () => {
  fc.assert(
    fc.property(past, fc.double({ min: -50, max: 120, noNaN: true }), (columns, at) => {
      expect(columnAt(columns, timeAt(columns, at))).toBeCloseTo(at, 3);
    }),
  );
});

test("what gestures have made of a window is read back from the address", () => {
  fc.assert(
    fc.property(past, fc.double({ min: 1.1, max: 20, noNaN: true }), part, (columns, zoom, at) => {
      const [room, width] = [100, 800];
      const camera: Camera = { zoom, x: at * width * (1 - zoom), y: 0 };
      const window = windowOf(camera, columns, room, width);
      const read = windowSaid(windowWord(window));
      const again = cameraOf(columnsOf(columns, read, room), columns, room, width);
      expect(again.zoom / zoom).toBeCloseTo(1, 1);
      // A millisecond of the address is less than half of a pixel's time here.
      expect(Math.abs(again.x - camera.x)).toBeLessThan(0.02 * width * zoom);
    }),
  );
});

test("without a window, the newest columns are at the right edge", () => {
  expect(columnsOf([], undefined, 60)).toEqual({ from: -60, until: 0 });
  expect(windowOf(WHOLE, [], 60, 800)).toBeUndefined();
  for (const said of [undefined, "", "x", "1_0", "-1_5", "1_2_3", "99999999999999_1"]) {
    expect(windowSaid(said)).toBeUndefined();
  }
});

test("a camera of the address shows the same on another screen, and nonsense shows all", () => {
  fc.assert(
    fc.property(fc.double({ min: 1.1, max: 60, noNaN: true }), part, part, (zoom, x, y) => {
      const camera: Camera = { zoom, x: x * 1_000 * (1 - zoom), y: y * 600 * (1 - zoom) };
      const word = cameraWord(camera, 1_000, 600);
      const small = cameraAt(word, 400, 300);
      expect(small.zoom).toBeCloseTo(zoom, 1);
      expect(cameraWord(small, 400, 300)?.split("_")[0]).toBe(word?.split("_")[0]);
      expect(Math.abs(small.x / 400 - camera.x / 1_000)).toBeLessThan(0.02 * zoom);
    }),
  );
  expect(cameraWord(WHOLE, 1_000, 600)).toBeUndefined();
  for (const said of ["", "2", "2_3_0.5", "abc", "1e9_0_0", "-2_0_0"])
    expect(cameraAt(said, 400, 300)).toEqual(WHOLE);
});
