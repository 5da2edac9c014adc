// The map: dots that are really drawn by WebGL, numbers under the pointer, and choosing by mouse.
import type { Locator, Page } from "@playwright/test";
import { english } from "../../src/i18n/english.ts";
import { dumped } from "../world/gostat.ts";
import { colours, drawnShare } from "../world/pixels.ts";
import { expect, figure, MANY, test } from "../world/test.ts";

const { live, nav } = english;

async function boxOf(surface: Locator) {
  await surface.scrollIntoViewIfNeeded();
  const box = await surface.boundingBox();
  if (!box) throw new Error("no map");
  return box;
}

/** Moves over the map until the pointer is over a dot: then the number of its pile is said. */
async function hover(page: Page, surface: Locator): Promise<void> {
  const box = await boxOf(surface);
  const note = page.getByText(` · ${live.map.noP}`);
  await expect(async () => {
    for (let step = 1; step < 40; step += 1) {
      await page.mouse.move(box.x + (box.width * step) / 40, box.y + box.height - 12);
      if (await note.isVisible()) return;
    }
    throw new Error("no dot was found");
  }).toPass();
}

async function drag(page: Page, surface: Locator): Promise<void> {
  const box = await boxOf(surface);
  await page.mouse.move(box.x + 2, box.y + 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 5 });
  await page.mouse.move(box.x + box.width - 2, box.y + box.height - 2, { steps: 5 });
  await page.mouse.up();
}

test("every goroutine is a dot, with its numbers, and what is chosen filters the table", async ({
  page,
  world,
}) => {
  const { agent, manyTarget, many } = world;
  await page.goto(`${agent.page}/targets/${manyTarget.id}/map`);
  const surface = page.getByRole("application");
  const canvas = surface.locator("canvas");
  const all = await dumped(many.pid);
  await expect(surface).toHaveAccessibleName(live.map.label(figure(all.length)));
  // 20 stacks: a colour for each of the largest.
  await expect.poll(() => drawnShare(canvas)).toBeGreaterThan(0.02);
  expect((await colours(canvas)).filter(([, count]) => count > 50).length).toBeGreaterThan(5);

  await page.getByText(live.map.asTable).click();
  for (const reason of ["chan receive", "select", "sync.Mutex.Lock"]) {
    const count = all.filter((one) => one.wait_reason === reason && !one.is_runtime).length;
    const column = page.getByRole("columnheader", { name: reason, exact: true });
    await expect(column).toBeVisible();
    const index = await column.evaluate((cell) => [...(cell.parentElement?.children ?? [])].indexOf(cell));
    const parked = page.getByRole("row").filter({ hasText: live.map.noP });
    await expect(parked.locator("th, td").nth(index)).toHaveText(figure(count));
  }

  await hover(page, surface);
  await expect(page.getByText(` · ${live.map.noP}`)).toContainText("·");
  await expect(page.getByText(new RegExp(`^${live.goroutine} \\d+$`))).toBeVisible();

  await drag(page, surface);
  await expect(page).toHaveURL(/q=/);
  const said = page.getByText(new RegExp(`^${live.matched("[\\d,]+", figure(all.length))}$`));
  await expect(said).toBeVisible();
  const chosen = (await said.textContent())?.split(" ")[0] ?? "";
  expect(Number(chosen.replaceAll(",", ""))).toBeGreaterThanOrEqual(MANY / 2);
  await page.getByRole("navigation", { name: live.tabs }).getByRole("link", { name: nav.goroutines }).click();
  await expect(page.getByRole("table", { name: live.table.label(chosen) })).toBeVisible();
  await page.goBack();
  await page.goBack();
  await expect(page).not.toHaveURL(/q=/);
});

test("a stack of the legend is chosen, the others pale; colours by age", async ({ page, world }) => {
  const { agent, manyTarget } = world;
  await page.goto(`${agent.page}/targets/${manyTarget.id}/map`);
  const canvas = page.getByRole("application").locator("canvas");
  await expect.poll(() => drawnShare(canvas)).toBeGreaterThan(0.02);
  const before = new Map(await colours(canvas));
  await page
    .getByRole("listitem")
    .getByRole("link", { name: /worker/ })
    .first()
    .click();
  await expect(page).toHaveURL(/q=stack/);
  const pale = async () => {
    const now = new Map(await colours(canvas));
    return [...before].filter(([colour, count]) => count > 50 && (now.get(colour) ?? 0) < count / 2).length;
  };
  await expect.poll(pale).toBeGreaterThan(3);
  await page.reload();
  await expect.poll(pale).toBeGreaterThan(3);
  await page.getByRole("button", { name: live.map.byAge }).click();
  await expect(page).toHaveURL(/colour=age/);
  await expect(page.getByText(live.map.waited)).toBeVisible();
});

test("the map over time is drawn, and brushing it chooses", async ({ page, world }) => {
  const { agent, manyTarget } = world;
  await page.goto(`${agent.page}/targets/${manyTarget.id}/map`);
  await page.getByRole("button", { name: live.map.past }).click();
  await expect(page).toHaveURL(/show=past/);
  const picture = page.getByRole("application", { name: /^Goroutines of the \d+ largest stacks over time/ });
  await expect(picture).toBeVisible();
  await expect.poll(() => drawnShare(picture.locator("canvas"))).toBeGreaterThan(0.005);
  await page.getByRole("button", { name: live.map.byGrowth }).click();
  await expect(page).toHaveURL(/by=growth/);
  const box = await boxOf(picture);
  await page.mouse.move(box.x + box.width - 10, box.y + 10);
  await expect(page.getByText(/^\d+ \d\d:\d\d/)).toBeVisible();
  await page.mouse.click(box.x + box.width - 10, box.y + 10);
  await expect(page).toHaveURL(/q=stack/);
});
