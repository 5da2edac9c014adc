// The palette is what the style sheet says: this reads it and computes what eyes would.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SERIES_COLOURS } from "../src/charts/series_colours.ts";

type Rgb = readonly [number, number, number];
type Palette = ReadonlyMap<string, Rgb>;

const css = readFileSync(new URL("../src/theme/palette.css", import.meta.url), "utf8");

function palette(theme: "light" | "dark"): Palette {
  const block = css.slice(css.indexOf(`[data-theme="${theme}"]`)).split("}")[0] ?? "";
  return new Map(
    [...block.matchAll(/--([\w-]+): #(\w{2})(\w{2})(\w{2});/g)].map(([, name, r, g, b]) => {
      const part = (digits = "") => Number.parseInt(digits, 16) / 255;
      return [name ?? "", [part(r), part(g), part(b)]];
    }),
  );
}

function of(colours: Palette, name: string): Rgb {
  const found = colours.get(name);
  if (!found) throw new Error(`the palette has no ${name}`);
  return found;
}

const linear = (part: number) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);

/** WCAG 2.2, relative luminance and contrast. */
function contrast(a: Rgb, b: Rgb): number {
  const luminance = ([r, g, b]: Rgb) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** What the colour-blind see: Viénot, Brettel and Mollon 1999 for red and green, in linear RGB. */
const SIGHTS: Readonly<Record<string, readonly Rgb[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.11238, 0.88762, 0],
    [0.11238, 0.88762, 0],
    [0.00401, -0.00401, 1],
  ],
  deutan: [
    [0.29275, 0.70725, 0],
    [0.29275, 0.70725, 0],
    [-0.02234, 0.02234, 1],
  ],
};

/** CIE L*a*b* (D65) of what is seen. */
function seen(colour: Rgb, sight: readonly Rgb[]): Rgb {
  const plain = colour.map(linear);
  const dot = (row: Rgb, by: readonly number[]) =>
    row.reduce((sum, part, index) => sum + part * (by[index] ?? 0), 0);
  const rgb = sight.map((row) => dot(row, plain));
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f(dot([0.4124, 0.3576, 0.1805], rgb) / 0.9505);
  const y = f(dot([0.2126, 0.7152, 0.0722], rgb));
  const z = f(dot([0.0193, 0.1192, 0.9505], rgb) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const distance = (a: Rgb, b: Rgb) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

const TEXTS = ["text", "text-2", "text-3", "accent", "good", "warning", "critical"];
const GROUNDS = ["ground", "surface", "sunken"];
const SERIES = [...Array(SERIES_COLOURS).keys()].map((index) => `series-${index + 1}`);

for (const theme of ["light", "dark"] as const) {
  const colours = palette(theme);
  const ratio = (a: string, b: string) => contrast(of(colours, a), of(colours, b));

  test(`${theme}: text can be read on every ground`, () => {
    for (const text of TEXTS) {
      for (const ground of GROUNDS)
        expect(ratio(text, ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
    const pairs = ["accent", "good", "warning", "critical"].map((name) => [name, `${name}-soft`] as const);
    // What is chosen, and what warns, has plain and dim text on it.
    const soft = pairs.map(([, ground]) => ground);
    const plain = ["text", "text-2", "text-3"].flatMap((text) =>
      soft.map((ground) => [text, ground] as const),
    );
    for (const [text, ground] of [...pairs, ...plain]) {
      expect(ratio(text, ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
    expect(ratio("surface", "accent"), "a main button").toBeGreaterThanOrEqual(4.5);
  });

  test(`${theme}: what is drawn can be seen`, () => {
    for (const name of [...SERIES, "series-rest", "focus"]) {
      for (const ground of ["ground", "surface"]) {
        expect(ratio(name, ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(3);
      }
    }
  });

  for (const [name, sight] of Object.entries(SIGHTS)) {
    test(`${theme}: neighbours among the series differ, seen ${name}`, () => {
      for (const [index, series] of SERIES.entries()) {
        const next = SERIES[(index + 1) % SERIES.length] ?? "";
        const far = distance(seen(of(colours, series), sight), seen(of(colours, next), sight));
        expect(far, `${series} and ${next}`).toBeGreaterThan(15);
      }
    });
  }
}
