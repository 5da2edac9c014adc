// Each view shows what is true of the program: compared with what gostat says on the command line, and with the API.
import { readdir } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { english } from "../../src/i18n/english.ts";
import { dumped } from "../world/gostat.ts";
import { expect, figure, isLive, liveCount, test } from "../world/test.ts";

const { live, nav, overview, says } = english;

/** The row of a process; there may be others of its name on the machine. */
const row = (page: Page, name: string, pid: number) =>
  page
    .getByRole("row")
    .filter({ has: page.getByRole("link", { name, exact: true }) })
    .filter({ hasText: new RegExp(`${pid} ·`) });

/** A view of a process, by its tab. */
const tab = (page: Page, name: string) =>
  page.getByRole("navigation", { name: live.tabs }).getByRole("link", { name });

test("the overview lists processes, filters them, and leads to them and back", async ({ page, world }) => {
  const { agent, manyTarget, many, shop } = world;
  await page.goto(`${agent.page}/`);
  await expect(row(page, "many", many.pid)).toContainText("1.27.4");
  await expect(row(page, "leaky-shop", shop.pid)).toContainText("gostat.example/leaky-shop");
  // The agent counts the program's own goroutines.
  await expect(async () => {
    const own = (await dumped(many.pid, "not runtime")).length;
    expect((await agent.target(many.pid)).goroutines).toBe(own);
    await expect(row(page, "many", many.pid)).toContainText(figure(own), { timeout: 10_000 });
  }).toPass();

  await page.getByRole("searchbox", { name: overview.filter }).fill("leaky");
  await expect(row(page, "many", many.pid)).toHaveCount(0);
  await page.reload();
  await expect(row(page, "leaky-shop", shop.pid)).toBeVisible();
  await expect(row(page, "many", many.pid)).toHaveCount(0);
  await expect(page.getByRole("searchbox", { name: overview.filter })).toHaveValue("leaky");
  await row(page, "leaky-shop", shop.pid).getByRole("link", { name: "leaky-shop" }).click();
  await expect(page.getByRole("heading", { name: "leaky-shop" })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("heading", { name: overview.title })).toBeVisible();
  await expect(page.getByRole("searchbox", { name: overview.filter })).toHaveValue("leaky");

  await page.getByRole("searchbox", { name: overview.filter }).fill("");
  await row(page, "many", many.pid).getByRole("link", { name: "many" }).click();
  await expect(page).toHaveURL(`${agent.page}/targets/${manyTarget.id}`);
});

test("the page of a process has its facts, and leads to its views", async ({ page, world }) => {
  const { agent, manyTarget, many } = world;
  await page.goto(`${agent.page}/targets/${manyTarget.id}`);
  await expect(page.getByText(String(many.pid)).first()).toBeVisible();
  await expect(page.getByText("gostat.example/test-programs", { exact: true })).toBeVisible();
  await expect(page.getByText("go1.27.4", { exact: true })).toBeVisible();
  await expect(page.getByText("gostat.test", { exact: true })).toBeVisible();
  for (const name of [nav.map, nav.goroutines, nav.stacks, nav.scheduler, nav.leaks, nav.target]) {
    await tab(page, name).click();
    await expect(tab(page, name)).toHaveAttribute("aria-current", "page");
    await expect(page.getByRole("heading", { level: 1, name: "many" })).toBeVisible();
  }
  await page.goBack();
  await expect(tab(page, nav.leaks)).toHaveAttribute("aria-current", "page");
});

test("the table of goroutines has what a dump has", async ({ page, world }) => {
  const { agent, manyTarget, many } = world;
  const url = `${agent.page}/targets/${manyTarget.id}/goroutines`;
  await page.goto(`${url}?sort=id&order=asc`);
  await expect.poll(() => liveCount(page)).toBe((await dumped(many.pid)).length);
  const ids = (await dumped(many.pid)).map(({ id }) => id).sort((a, b) => a - b);
  const shown = page.getByRole("table").getByRole("link");
  for (const index of [0, 1, 2, 10]) await expect(shown.nth(index)).toHaveText(String(ids[index]));

  const filter = page.getByRole("searchbox", { name: live.filter });
  const receives = await dumped(many.pid, "reason='chan receive'");
  await filter.fill("reason='chan receive'");
  const matched = page.getByText(
    live.matched(figure(receives.length), figure((await dumped(many.pid)).length)),
  );
  await expect(matched).toBeVisible();
  await expect(page).toHaveURL(/q=reason/);
  await page.reload();
  await expect(filter).toHaveValue("reason='chan receive'");
  await expect(matched).toBeVisible();
  const one = [...receives].sort((a, b) => a.id - b.id)[0];
  await expect(shown.first()).toHaveText(String(one?.id));
  await filter.fill("colour=red");
  await expect(page.getByText(live.filterTroubles.unknownField("colour"))).toBeVisible();
  await expect(filter).toHaveAttribute("aria-invalid", "true");

  await filter.fill("reason='chan receive'");
  await shown.first().click();
  await expect(page.getByRole("heading", { name: `${live.goroutine} ${one?.id}` })).toBeVisible();
  const stack = page
    .locator("section")
    .filter({ has: page.getByRole("heading", { name: live.one.stack }) })
    .getByRole("listitem");
  await expect(stack).toHaveCount(one?.stack.length ?? -1);
  for (const [index, frame] of (one?.stack ?? []).entries()) {
    await expect(stack.nth(index)).toContainText(frame.function);
    await expect(stack.nth(index)).toContainText(`${frame.file.split("/").at(-1)}:${frame.line}`);
  }
  await page.goBack();
  await expect(filter).toHaveValue("reason='chan receive'");
  await expect(matched).toBeVisible();
});

test("stacks are drawn as icicle and as flame graph, searched, and compared with before", async ({
  page,
  world,
}) => {
  const { agent, manyTarget, many } = world;
  await page.goto(`${agent.page}/targets/${manyTarget.id}`);
  await tab(page, nav.stacks).click();
  await isLive(page);
  const all = await dumped(many.pid);
  const picture = page.getByRole("application");
  await expect(picture).toHaveAccessibleName(live.stacks.label(figure(all.length)));
  const icicle = await picture.screenshot();
  await page.getByRole("button", { name: live.stacks.flame }).click();
  await expect(page).toHaveURL(/up=1/);
  await expect.poll(async () => (await picture.screenshot()).equals(icicle)).toBe(false);
  await page.reload();
  await expect(page.getByRole("button", { name: live.stacks.flame })).toHaveAttribute("aria-pressed", "true");

  const workers = all.filter(({ stack }) => stack.some((frame) => frame.function === "main.worker"));
  await page.getByRole("searchbox", { name: live.stacks.search }).fill("main.worker");
  await expect(page.getByText(new RegExp(live.stacks.found(figure(workers.length), ".*")))).toBeVisible();
  await expect(page).toHaveURL(/find=main.worker/);

  // By keys: in from the root is main.worker, which nearly all are in.
  await picture.focus();
  await page.keyboard.press("ArrowUp");
  await expect(page.getByText(`${figure(workers.length)} goroutines`).first()).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/at=/);
  await page.goBack();
  await expect(page).not.toHaveURL(/at=/);

  await page.getByRole("button", { name: live.stacks.pin }).click();
  await expect(page.getByText(/^Compared with/)).toBeVisible();
  await many.ask("more");
  await expect(page.getByText(live.stacks.change("+100"))).toBeVisible();
  await page.getByRole("button", { name: live.stacks.unpin }).click();
  await expect(page.getByText(/^Compared with/)).toHaveCount(0);
});

test("the scheduler has the Ps and threads of the process", async ({ page, world }) => {
  const { agent, manyTarget, many } = world;
  await page.goto(`${agent.page}/targets/${manyTarget.id}/scheduler`);
  // GOMAXPROCS of the programs of tests.
  await expect(page.getByRole("table").first().getByRole("rowheader")).toHaveText(["P0", "P1"]);
  await expect(page.getByText(live.scheduler.figures.created)).toBeVisible();
  // All threads that the kernel has of it are there.
  for (const tid of await readdir(`/proc/${many.pid}/task`)) {
    await expect(page.getByRole("cell", { name: new RegExp(`^${tid}\\b`) })).toBeAttached();
  }
});

test("the time line has the numbers of the history, ranges, and a comparison", async ({ page, world }) => {
  const { agent, manyTarget } = world;
  const { timeline } = english;
  await page.goto(`${agent.page}/`);
  await page
    .getByRole("navigation", { name: nav.label, exact: true })
    .getByRole("link", { name: nav.timeline })
    .click();
  await page.goto(`${agent.page}/timeline?target=${manyTarget.id}&by=total&since=5m`);
  const path = `/api/v1/history?target=${manyTarget.id}&by=total&since=5m`;
  await expect(async () => {
    const history = await agent.json<{ series: { max: number | null }[] }>(path);
    const most = history.series[0]?.max ?? -1;
    await expect(page.getByRole("table").first().getByRole("row").nth(1)).toContainText(figure(most), {
      timeout: 10_000,
    });
  }).toPass();
  const range = page.getByRole("group", { name: timeline.range });
  await range.getByRole("button", { name: "6h" }).click();
  await expect(page).toHaveURL(/since=6h/);
  await page.goBack();
  await expect(range.getByRole("button", { name: "5m", exact: true })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await page
    .getByRole("group", { name: timeline.by })
    .getByRole("button", { name: timeline.bys.state })
    .click();
  await expect(page.getByRole("table").first()).toContainText("waiting");

  const chart = page.getByRole("img", { name: timeline.chartOf(timeline.bys.state) });
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.boundingBox();
  if (!box) throw new Error("no chart");
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.98, box.y + box.height / 2, { steps: 8 });
  await page.mouse.up();
  await expect(page).toHaveURL(/since=%40\d+.*until=%40\d+/);
  await page.reload();
  await page.getByRole("button", { name: timeline.backToNow }).click();
  await expect(page).toHaveURL(/since=1h/);
});

test("the time line compares a time with the one before it", async ({ page, world, watch }) => {
  // A time before the program is not known: the browser tells the refusal.
  watch.allow(/status of 404.*history/);
  const { agent, manyTarget, many } = world;
  const { timeline } = english;
  const own = figure((await dumped(many.pid, "not runtime")).length);
  const soon = { timeout: 10_000 };
  // Some seconds are compared with the seconds before: in both of them it has to be as it is now.
  await expect(async () => {
    const now = Math.floor(Date.now() / 1_000);
    const range = `since=%40${now - 4}&until=%40${now}`;
    await page.goto(`${agent.page}/timeline?target=${manyTarget.id}&by=total&${range}`);
    await page.getByLabel(timeline.compare).selectOption("before");
    await expect(page).toHaveURL(/compare=before/);
    await page.reload();
    await expect(page.getByLabel(timeline.compare)).toHaveValue("before");
    await expect(page.getByRole("heading", { name: timeline.compares.before })).toBeVisible(soon);
    const compared = page.getByRole("table").last();
    await expect(compared.getByRole("columnheader", { name: timeline.earlier })).toBeVisible(soon);
    // Then, now, and how much that is.
    await expect(compared.getByRole("row").nth(1).getByRole("cell")).toHaveText([own, own, "0"], soon);
  }).toPass();
});

test("an address that is none says so, and leads back", async ({ page, world }) => {
  await page.goto(`${world.agent.page}/no/such/place`);
  await expect(page.getByText(says.noPage)).toBeVisible();
  await page.getByRole("link", { name: says.toOverview }).click();
  await expect(page.getByRole("heading", { name: overview.title })).toBeVisible();
});
