// What holds for every view: both languages, both themes, phones, and those who do not see it.
import type { Page } from "@playwright/test";
import axe, { type AxeResults } from "axe-core";
import { chinese } from "../../src/i18n/chinese.ts";
import { english } from "../../src/i18n/english.ts";
import { everyView, isFilled } from "../world/every_view.ts";
import { expect, test } from "../world/test.ts";

const { nav } = english;

/** What a tool for accessibility says that is wrong. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate<AxeResults>(
    "axe.run(document, { resultTypes: ['violations'], elementRef: false })",
  );
  return results.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html}: ${failureSummary}`),
    );
}

/** How much wider than the window the document is. */
const tooWide = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

for (const theme of ["light", "dark"] as const) {
  test(`every view can be used by those who do not see it, ${theme}`, async ({ page, world }) => {
    await page.goto(`${world.agent.page}/`);
    await page.getByLabel(nav.theme).selectOption(theme);
    for (const { path } of await everyView(world)) {
      await page.goto(`${world.agent.page}${path}`);
      await isFilled(page);
      await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
      expect(await violations(page), path).toEqual([]);
    }
  });
}

test("the colours are the system's until they are chosen, and really change", async ({ page, world }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${world.agent.page}/`);
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await background();
  await page.emulateMedia({ colorScheme: "light" });
  await expect.poll(background).not.toBe(dark);
  await page.getByLabel(nav.theme).selectOption("dark");
  await expect.poll(background).toBe(dark);
  await page.reload();
  await expect.poll(background).toBe(dark);
});

for (const width of [390, 1280]) {
  for (const [tag, words] of [
    ["en", english],
    ["zh", chinese],
  ] as const) {
    test(`no view is wider than ${width} pixels, in ${tag}`, async ({ page, world }) => {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(`${world.agent.page}/?lang=${tag}`);
      for (const { path } of await everyView(world)) {
        await page.goto(`${world.agent.page}${path}`);
        await isFilled(page);
        await expect(page.locator("html")).toHaveAttribute("lang", tag === "en" ? /^en/ : /^zh/);
        await expect(page.getByRole("navigation", { name: words.nav.label, exact: true })).toBeVisible();
        await expect(page.getByRole("heading", { level: 1 }), path).toHaveCount(1);
        expect(await tooWide(page), path).toBe(0);
        expect(await page.getByText(/undefined|\[object|NaN/).count(), path).toBe(0);
      }
    });
  }
}

/** All words of a dictionary that are plain text. */
function said(words: object): string[] {
  return Object.values(words).flatMap((word) =>
    typeof word === "string" ? [word] : word !== null && typeof word === "object" ? said(word) : [],
  );
}

/** What there is in English, and is another in Chinese. */
function onlyEnglish(): Set<string> {
  const kept = new Set(said(chinese));
  // Words that also names and values of Go have are in every language.
  return new Set(said(english).filter((word) => !kept.has(word) && /^[A-Z]/.test(word) && word.length > 6));
}

test("the language is chosen, remembered, and all that is said is said in it", async ({ page, world }) => {
  const left = onlyEnglish();
  await page.goto(`${world.agent.page}/`);
  await page.getByLabel(nav.language).selectOption("zh");
  await expect(page.locator("html")).toHaveAttribute("lang", /^zh/);
  for (const { path } of await everyView(world)) {
    await page.goto(`${world.agent.page}${path}`);
    await isFilled(page);
    const texts = await page.getByRole("main").evaluate((main) => {
      const walk = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
      const found: string[] = [];
      while (walk.nextNode()) found.push(walk.currentNode.textContent?.trim() ?? "");
      return found;
    });
    expect(texts.join(""), path).toMatch(/\p{Script=Han}/u);
    expect(
      texts.filter((text) => left.has(text)),
      path,
    ).toEqual([]);
  }
  await page.getByLabel(chinese.nav.language).selectOption("en");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", /^en/);
});
