// What is said where there is nothing to show: no process, none of this name, none of this id.
import { english } from "../../src/i18n/english.ts";
import { Agent } from "../world/agent.ts";
import { expect, test, unique } from "../world/test.ts";

const { board, findings, live, overview, says, target, timeline } = english;

test("an agent that watches nothing says so in every view", async ({ page }) => {
  const agent = await Agent.start({ watchedAs: unique("nobody"), targetsMax: 0 });
  try {
    await page.goto(`${agent.page}/`);
    await expect(page.getByText(overview.empty)).toBeVisible();
    await expect(page.getByText(overview.emptyHint)).toBeVisible();
    await page.goto(`${agent.page}/findings`);
    await expect(page.getByText(findings.empty)).toBeVisible();
    await page.goto(`${agent.page}/board`);
    await expect(page.getByText(board.empty)).toBeVisible();
    await page.goto(`${agent.page}/timeline`);
    await expect(page.getByRole("paragraph").filter({ hasText: timeline.choose })).toBeVisible();
  } finally {
    // A page that is still there would ask an agent that is not.
    await page.close();
    await agent.stop();
  }
});

test("a process that there is not", async ({ page, world, watch }) => {
  watch.allow(/status of 404/, /WebSocket connection to/);
  const { agent } = world;
  await page.goto(`${agent.page}/targets/1-1`);
  await expect(page.getByText(target.gone)).toBeVisible();
  await page.goto(`${agent.page}/targets/1-1/map`);
  await expect(page.getByText(live.endedBefore)).toBeVisible();
  await page.goto(`${agent.page}/targets/no%2Fid/scheduler`);
  await expect(page.getByText(live.endedBefore)).toBeVisible();
});

test("a goroutine that there is not, and a finding", async ({ page, world, watch }) => {
  watch.allow(/status of 40[04]/);
  const { agent, manyTarget } = world;
  await page.goto(`${agent.page}/targets/${manyTarget.id}/goroutines/999999999`);
  await expect(page.getByText(live.one.gone)).toBeVisible();
  await expect(page.getByText(live.one.goneHint)).toBeVisible();
  await page.goto(`${agent.page}/findings/none`);
  await expect(page.getByText(findings.gone)).toBeVisible();
});

test("filters that nothing matches are cleared", async ({ page, world }) => {
  const { agent, manyTarget } = world;
  await page.goto(`${agent.page}/?q=there-is-no-such-process`);
  await expect(page.getByText(says.nothingMatches)).toBeVisible();
  await page.getByRole("button", { name: says.clearFilter }).click();
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  await page.goto(`${agent.page}/targets/${manyTarget.id}/goroutines?q=no-such-function`);
  await expect(page.getByText(live.matched("0", ".*").replace(".*", "2,"))).toBeVisible();
  await page.getByRole("button", { name: says.clearFilter }).click();
  await expect(page).not.toHaveURL(/q=/);
});
