// What is shown follows the program, stops and goes on, and outlives the agent; the end of the program is told.
import { english } from "../../src/i18n/english.ts";
import { Agent } from "../world/agent.ts";
import { GoProgram } from "../world/go_program.ts";
import { counted, dumped } from "../world/gostat.ts";
import { drawnShare } from "../world/pixels.ts";
import { expect, figure, isLive, liveCount, test, unique } from "../world/test.ts";

const { away, live, target: targetWords } = english;

/** An agent and a program of one test. */
const alone = test.extend<{ goroutines: number; watchedAs: string; agent: Agent; many: GoProgram }>({
  goroutines: [500, { option: true }],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a pattern.
  watchedAs: async ({}, use) => use(unique("alone")),
  agent: async ({ watchedAs, page }, use) => {
    const agent = await Agent.start({ watchedAs });
    await use(agent);
    // A page that is still there would ask an agent that is not.
    await page.close();
    await agent.stop();
  },
  many: async ({ watchedAs, goroutines }, use) => {
    const many = await GoProgram.start("many", { watchedAs, args: [String(goroutines)] });
    await use(many);
    await many.stop();
  },
});

const total = async (many: GoProgram) => (await dumped(many.pid)).length;

alone("the count follows the program, is held, and goes on", async ({ page, agent, many }) => {
  const { id } = await agent.target(many.pid);
  await page.goto(`${agent.page}/targets/${id}/goroutines`);
  await expect.poll(() => liveCount(page)).toBe(await total(many));
  await many.ask("more");
  expect(await total(many)).toBeGreaterThanOrEqual(600);
  await expect.poll(() => liveCount(page)).toBe(await total(many));

  await page.getByRole("button", { name: live.pause }).click();
  const paused = page.getByText(new RegExp(`^${live.pausedAt("")}`));
  await expect(paused).toBeVisible();
  const held = page.getByRole("table").first();
  const before = await held.getAttribute("aria-rowcount");
  const { looks } = await agent.target(many.pid);
  await many.ask("more");
  // The agent has seen it meanwhile; the page holds still.
  await agent.until<{ targets: { pid: number; looks: number; goroutines: number }[] }, true>(
    "/api/v1/targets",
    ({ targets }) =>
      targets.some((one) => one.pid === many.pid && one.looks > looks + 2 && one.goroutines >= 700) ||
      undefined,
  );
  expect(await held.getAttribute("aria-rowcount")).toBe(before);
  await expect(paused).toBeVisible();
  await page.getByRole("button", { name: live.goOn }).click();
  await expect.poll(() => liveCount(page)).toBe(await total(many));
});

alone(
  "an agent that is away is told, and found again without losing the place",
  async ({ page, agent, many, watch }) => {
    watch.allow(/ERR_CONNECTION|ERR_EMPTY_RESPONSE|WebSocket connection to|status of 404/);
    const { id } = await agent.target(many.pid);
    const url = `${agent.page}/targets/${id}/goroutines?q=reason%3Dselect&sort=id`;
    await page.goto(url);
    await isLive(page);
    const matched = page.getByText(/^175 of /);
    await expect(matched).toBeVisible();
    await agent.kill();
    await expect(page.getByText(away.title).first()).toBeVisible();
    await expect(page.getByText(away.hint).first()).toBeAttached();
    await expect(page.getByText(live.states.reconnecting, { exact: true })).toBeAttached();
    // What was known is still there.
    await expect(matched).toBeVisible();
    await agent.startAgain();
    await isLive(page);
    await expect(page.getByText(away.title)).toHaveCount(0);
    await expect(matched).toBeVisible();
    expect(page.url()).toBe(url);
    await many.ask("more");
    await expect.poll(() => liveCount(page)).toBe(await total(many));
  },
);

alone("the end of a process is told, and where its past is", async ({ page, agent, many, watch }) => {
  // A process that is gone is asked for once more; the browser tells the refusal.
  watch.allow(/status of 404|WebSocket connection to/);
  const { id } = await agent.target(many.pid);
  await page.goto(`${agent.page}/targets/${id}/map`);
  await isLive(page);
  await many.stop();
  await expect(page.getByText(live.states.ended, { exact: true })).toBeAttached();
  await expect(page.getByText(/^Ended: /)).toBeVisible();
  // Its last look stays; coming anew, there is none, and that is told.
  await expect(page.getByRole("application")).toBeVisible();
  await page.reload();
  await expect(page.getByText(live.endedBefore)).toBeVisible();
  await expect(page.getByText(live.endedHint)).toBeVisible();
  await page.goto(`${agent.page}/targets/${id}`);
  await expect(page.getByText(targetWords.gone)).toBeVisible();
  await page.getByRole("main").getByRole("link", { name: targetWords.timeline }).click();
  await expect(page).toHaveURL(new RegExp(`timeline\\?target=${id}`));
  await expect(page.getByRole("table").first()).toBeVisible();
});

alone("nobody can watch beside eight others, until one goes", async ({ page, agent, many, watch }) => {
  watch.allow(/WebSocket connection to|status of (409|503)/);
  const { id } = await agent.target(many.pid);
  await page.goto(`${agent.page}/targets/${id}`);
  const others = await page.context().newPage();
  await others.goto(`${agent.page}/board`);
  const open = await others.evaluate(async (path) => {
    const sockets = Array.from({ length: 8 }, () => new WebSocket(path));
    const opened = sockets.map(
      (socket) =>
        new Promise<boolean>((resolve) => {
          socket.onmessage = () => resolve(true);
          socket.onclose = () => resolve(false);
        }),
    );
    Object.assign(globalThis, { sockets });
    return Promise.all(opened);
  }, `/api/v1/targets/${id}/live`);
  expect(open).toEqual(Array(8).fill(true));
  await page
    .getByRole("navigation", { name: live.tabs })
    .getByRole("link", { name: english.nav.map })
    .click();
  await expect(page.getByText(live.states.refused, { exact: true })).toBeAttached();
  await expect(page.getByRole("alert")).toContainText("8 pages watch this target already");
  await others.close();
  await isLive(page);
});

alone.describe("100,000 goroutines", () => {
  const COUNT = 100_000;
  alone.use({ goroutines: COUNT });

  alone(
    "a table is scrolled to its end, sorted and filtered; all are dots",
    async ({ page, agent, many }) => {
      const { id } = await agent.target(many.pid);
      await page.goto(`${agent.page}/targets/${id}/goroutines?sort=id&order=asc`);
      const table = page.getByRole("table").first();
      await expect.poll(() => liveCount(page)).toBeGreaterThanOrEqual(COUNT);
      const count = await liveCount(page);
      const last = Math.max(...(await dumped(many.pid, `id>${COUNT}`)).map((one) => one.id));
      const links = table.getByRole("link");
      await expect(table).toHaveAttribute("aria-rowcount", String(count));
      await expect(links.first()).toHaveText("1");
      await table.getByRole("rowgroup").focus();
      await page.keyboard.press("End");
      await expect(table.getByRole("link", { name: String(last), exact: true })).toBeVisible();
      // Only what is in sight is in the page.
      expect(await links.count()).toBeLessThan(200);
      await page.keyboard.press("Home");
      await expect(links.first()).toHaveText("1");
      await table.getByRole("button", { name: live.table.columns.id }).click();
      await expect(page).toHaveURL(/order=desc/);
      await expect(links.first()).toHaveText(String(last));

      const selects = await counted(many.pid, "reason=select");
      await page.getByRole("searchbox", { name: live.filter }).fill("reason=select");
      await expect(table).toHaveAttribute("aria-rowcount", String(selects));
      await page
        .getByRole("navigation", { name: live.tabs })
        .getByRole("link", { name: english.nav.map })
        .click();
      await expect(page.getByText(live.matched(figure(selects), figure(count)))).toBeVisible();
      const map = page.getByRole("application");
      await expect(map).toHaveAccessibleName(live.map.label(figure(count)));
      await expect.poll(() => drawnShare(map.locator("canvas"))).toBeGreaterThan(0.02);
    },
  );
});
