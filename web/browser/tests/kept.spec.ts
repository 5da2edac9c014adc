// What was chosen is in the address, and there again when the page is loaded anew.
import { english } from "../../src/i18n/english.ts";
import { foundLeak } from "../world/findings.ts";
import { drawnShare } from "../world/pixels.ts";
import { expect, isLive, test } from "../world/test.ts";

const { board, live } = english;

for (const [first, then] of [
  ["7d", "24h"],
  ["24h", "7d"],
] as const) {
  test(`the board's range of ${then} stays, and its cells lead to findings of it`, async ({
    page,
    world,
  }) => {
    const { agent } = world;
    await foundLeak(agent);
    await page.goto(`${agent.page}/board?since=${first}`);
    const range = (name: typeof first | typeof then) =>
      page.getByRole("group", { name: board.range }).getByRole("button", { name: board.ranges[name] });
    await expect(range(first)).toHaveAttribute("aria-pressed", "true");
    await range(then).click();
    await expect(page).toHaveURL(new RegExp(`since=${then}`));
    await page.reload();
    await expect(range(then)).toHaveAttribute("aria-pressed", "true");
    await expect(range(first)).toHaveAttribute("aria-pressed", "false");
    await page.getByRole("table").first().getByRole("link").first().click();
    await expect(page).toHaveURL(new RegExp(`/findings\\?.*since=${then}`));
    await expect(page.getByLabel(board.range)).toHaveValue(then);
    await expect(page.getByRole("main").getByRole("listitem").getByRole("link").first()).toBeVisible();
  });
}

test("the zoom of the map stays", async ({ page, world }) => {
  const { agent, manyTarget } = world;
  await page.goto(`${agent.page}/targets/${manyTarget.id}/map`);
  const map = page.getByRole("application");
  await expect.poll(() => drawnShare(map.locator("canvas"))).toBeGreaterThan(0.02);
  await map.focus();
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  await expect(page).toHaveURL(/view=2\.25_0\.5_0\.5/);
  await expect(page.getByText("2.3×")).toBeVisible();
  await page.reload();
  await expect(page.getByText("2.3×")).toBeVisible();
  await expect(page).toHaveURL(/view=2\.25_0\.5_0\.5/);
  await map.focus();
  await page.keyboard.press("0");
  await expect(page).not.toHaveURL(/view=/);
  await expect(page.getByText("2.3×")).toHaveCount(0);
});

test("the moment that stacks are compared with stays", async ({ page, world }) => {
  const { agent, manyTarget } = world;
  // A moment is asked for once: the history has to have stacks by then.
  await agent.until<{ slots: { looks: number; counts_only: number }[] }, true>(
    `/api/v1/history?target=${manyTarget.id}&by=stack&since=5m`,
    ({ slots }) => slots.some(({ looks, counts_only }) => looks > counts_only) || undefined,
  );
  await page.goto(`${agent.page}/targets/${manyTarget.id}/stacks`);
  await isLive(page);
  await page.getByRole("button", { name: live.stacks.pin }).click();
  await expect(page).toHaveURL(/pin=\d+/);
  const pin = new URL(page.url()).searchParams.get("pin");
  await page.reload();
  // This page has never seen that moment: the agent's history has.
  await expect(page.getByText(/^Compared with/)).toBeVisible();
  expect(new URL(page.url()).searchParams.get("pin")).toBe(pin);
  await page.getByRole("button", { name: live.stacks.unpin }).click();
  await expect(page).not.toHaveURL(/pin=/);
  await expect(page.getByText(/^Compared with/)).toHaveCount(0);
});
