// @vitest-environment happy-dom
import { afterEach, expect, test } from "vitest";
import { percent, signed, span, whole } from "../src/format/figures.ts";
import { chinese } from "../src/i18n/chinese.ts";
import { english } from "../src/i18n/english.ts";
import { choose, language, speak, words } from "../src/i18n/language.ts";

afterEach(() => speak("en"));

/** Every key of a dictionary with its path; functions are called with something. */
function said(part: object, path = ""): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, value] of Object.entries(part)) {
    const at = `${path}.${key}`;
    if (typeof value === "object" && value !== null) {
      for (const [inner, text] of said(value, at)) all.set(inner, text);
    } else {
      all.set(at, typeof value === "function" ? value(...Array(value.length).fill("3")) : value);
    }
  }
  return all;
}

test("nothing is left empty, and Chinese is Chinese", () => {
  const [en, zh] = [said(english), said(chinese)];
  expect([...zh.keys()]).toEqual([...en.keys()]);
  // Names that are the same everywhere.
  const same = new Set([".target.fields.pid", ".overview.columns.release", ".board.columns.goroutines"]);
  for (const [path, text] of zh) {
    expect(text, path).not.toBe("");
    const isName = same.has(path) || !/[a-z]{3}/i.test(en.get(path) ?? "") || /^goroutine$/i.test(text);
    if (!isName) expect(text, path).toMatch(/\p{Script=Han}/u);
  }
});

test("the browser's languages decide, if nothing was chosen", () => {
  expect(choose([null, "fr-FR", "zh-Hant-TW", "en"])).toBe("zh");
  expect(choose(["EN_us"])).toBe("en");
  expect(choose(["fr", undefined])).toBe("en");
});

test("speaking another language changes words and figures at once, and is remembered", () => {
  speak("zh");
  expect(words.value.nav.overview).toBe("总览");
  expect(span(125_000)).toBe("2 分");
  expect(localStorage.getItem("gostat.language")).toBe("zh");
  expect(language.value).toBe("zh");
});

test("spans have two units at most", () => {
  const given = [0, 250, 999, 12_000, 119_000, 180_000, 3_600_000, 7_500_000, 2 * 86_400_000, 99 * 3_600_000];
  expect(given.map(span)).toEqual([
    ..."0 ms,250 ms,999 ms,12 s,119 s,3 min,1 h,2 h 5 min,2 d,4 d 3 h".split(","),
  ]);
  expect(span(-5)).toBe("0 ms");
});

test("what is not known is a dash, and never zero", () => {
  expect([whole(null), whole(0), whole(1_234_567), signed(undefined)]).toEqual(["–", "0", "1,234,567", "–"]);
  expect([signed(0), signed(5), signed(-1_234)]).toEqual(["0", "+5", "-1,234"]);
  expect([percent(0), percent(0.001), percent(0.5), percent(1)]).toEqual(["0%", "<1%", "50%", "100%"]);
});
