// Draws the pictures of the documentation: the real page of a real agent, which watches the demo's shop with its
// troubles and two programs without any.
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { chinese } from "../../src/i18n/chinese.ts";
import { english } from "../../src/i18n/english.ts";
import { Agent } from "../world/agent.ts";
import { isFilled } from "../world/every_view.ts";
import { foundLeak, LEAKING } from "../world/findings.ts";
import { GoProgram, openShop } from "../world/go_program.ts";
import { dumped } from "../world/gostat.ts";
import { drawnShare } from "../world/pixels.ts";
import { isLive, unique } from "../world/test.ts";
import { watchedTest } from "../world/watched_page.ts";

const { live, nav } = english;
/** The shop leaks for so long before it is drawn. */
const LEAKING_MS = 150_000;

async function draw(page: Page, name: string): Promise<void> {
  // Nothing of what is under the pointer, or has the focus.
  await page.mouse.move(0, 0);
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  await page.screenshot({
    path: join(process.env.GOSTAT_PICTURES ?? ".", `${name}.png`),
    animations: "disabled",
  });
}

/** Waits until the history knows the shop for long enough. */
async function hasLeaked(agent: Agent, target: string): Promise<void> {
  const path = `/api/v1/history?target=${target}&by=total&since=15m&step=5s`;
  const knownMs = async () => {
    const { slots } = await agent.json<{ slots: { start_ms: number; looks: number }[] }>(path);
    const known = slots.filter(({ looks }) => looks > 0);
    return (known.at(-1)?.start_ms ?? 0) - (known[0]?.start_ms ?? 0);
  };
  await expect.poll(knownMs, { timeout: 3 * LEAKING_MS }).toBeGreaterThan(LEAKING_MS);
}

watchedTest("pictures of the page", async ({ page }) => {
  watchedTest.setTimeout(900_000);
  const watchedAs = unique("pictures");
  const shop = await openShop(watchedAs, 1);
  const waves = await GoProgram.start("waves", { watchedAs, args: ["3000"] });
  const meanings = await GoProgram.start("meanings", { watchedAs });
  const agent = await Agent.start({ watchedAs });
  try {
    const { id } = await agent.target(shop.pid);
    const begunS = Math.floor(Date.now() / 1_000);
    // The page watches meanwhile: its map over time has something to show.
    await page.goto(`${agent.page}/targets/${id}/map?show=past`);
    await foundLeak(agent);
    await hasLeaked(agent, id);
    await draw(page, "map-over-time");

    const of = `/targets/${id}`;
    const go = async (path: string) => {
      await page.goto(`${agent.page}${path}`);
      await isFilled(page);
    };
    await go("/");
    const trends = page.getByRole("img", { name: /last 15 minutes/ });
    await expect(trends).toHaveCount(3);
    await draw(page, "overview");
    await page.getByLabel(nav.theme).selectOption("dark");
    await draw(page, "overview-dark");
    await go(`${of}/map`);
    const dots = page.getByRole("application").locator("canvas");
    await expect.poll(() => drawnShare(dots)).toBeGreaterThan(0.01);
    await draw(page, "map-dark");
    await page.getByLabel(nav.theme).selectOption("light");
    await go(`${of}/map`);
    await expect.poll(() => drawnShare(dots)).toBeGreaterThan(0.01);
    await draw(page, "map");

    await go(`${of}/stacks?up=1`);
    await isLive(page);
    await draw(page, "flame-graph");
    await go(`${of}/scheduler`);
    await isLive(page);
    await draw(page, "scheduler");
    await go(`/timeline?target=${id}&by=stack&since=%40${begunS}&until=%40${Math.floor(Date.now() / 1_000)}`);
    await expect(page.getByRole("table").first()).toBeVisible();
    await draw(page, "timeline");
    await go("/board");
    await draw(page, "board");
    await go(`/findings/${(await foundLeak(agent)).id}`);
    await draw(page, "findings");

    const [stuck] = await dumped(shop.pid, "func~'warehouse' and reason='sync.Mutex.Lock'");
    await go(`${of}/goroutines/${stuck?.id}`);
    await expect(page.getByText(live.chain.deadlock).first()).toBeVisible();
    await draw(page, "goroutine");

    await go(`${of}/leaks`);
    const proof = page.locator("section").filter({ hasText: LEAKING });
    await expect(async () => {
      await page.getByRole("button", { name: /^Search/ }).click();
      await expect(page.getByRole("button", { name: live.leaks.again })).toBeVisible();
      await expect(proof.first()).toContainText(live.leaks.verdicts.proven ?? "", { timeout: 1_000 });
    }).toPass();
    await page.evaluate(() => scrollTo(0, 0));
    await draw(page, "leaks");

    await go("/");
    await page.getByLabel(nav.language).selectOption("zh");
    await expect(page.getByRole("heading", { name: chinese.overview.title })).toBeVisible();
    await draw(page, "overview-zh");
    await page.getByLabel(chinese.nav.language).selectOption("en");
    await page.setViewportSize({ width: 390, height: 844 });
    await go("/");
    await expect(trends).toHaveCount(3);
    await draw(page, "overview-phone");
  } finally {
    await agent.stop();
    for (const one of [meanings, waves, shop]) await one.stop();
  }
});
