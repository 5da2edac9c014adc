// What others tell the page: a deploy, the loss of the graphics card, a time that nobody knows.
import { english } from "../../src/i18n/english.ts";
import { gostat } from "../world/gostat.ts";
import { drawnShare } from "../world/pixels.ts";
import { expect, test, unique } from "../world/test.ts";

const { live, timeline } = english;

test("a deploy that a pipeline marks is on the time line", async ({ page, world }) => {
  const { agent, manyTarget } = world;
  const name = unique("v2");
  await page.goto(`${agent.page}/timeline?target=${manyTarget.id}&since=15m`);
  await expect(page.getByRole("img", { name: timeline.chartOf(timeline.bys.state) })).toBeVisible();
  await gostat("agent", "mark", "--deploy", "--json", "--agent", new URL(agent.page).origin, name);
  const mark = page.getByRole("listitem").filter({ hasText: name });
  await expect(mark).toBeVisible();
  await expect(mark).toContainText(timeline.markKinds.deploy);
});

test("a lost graphics card is told, with the numbers, and the map comes back with it", async ({
  page,
  world,
  watch,
}) => {
  watch.allow(/WebGL/);
  const { agent, manyTarget } = world;
  await page.goto(`${agent.page}/targets/${manyTarget.id}/map`);
  const map = page.getByRole("application");
  const canvas = map.locator("canvas");
  await expect.poll(() => drawnShare(canvas)).toBeGreaterThan(0.02);
  const card = await canvas.evaluateHandle((one) =>
    (one as HTMLCanvasElement).getContext("webgl2")?.getExtension("WEBGL_lose_context"),
  );
  await card.evaluate((extension) => extension?.loseContext());
  await expect(page.getByText(live.map.lost)).toBeVisible();
  await expect(map).toHaveCount(0);
  await expect(page.getByRole("columnheader", { name: "chan receive", exact: true })).toBeVisible();
  await card.evaluate((extension) => extension?.restoreContext());
  await expect(page.getByText(live.map.lost)).toHaveCount(0);
  await expect(map).toBeVisible();
  await expect.poll(() => drawnShare(canvas)).toBeGreaterThan(0.02);
});

// Nothing is allowed here: a refusal would be an error on the console.
test("a time before a process was known says so, and leads to what is known", async ({ page, world }) => {
  const { agent, manyTarget } = world;
  const hourAgo = Math.floor(Date.now() / 1_000) - 3_600;
  const path = `/timeline?target=${manyTarget.id}`;
  await page.goto(`${agent.page}${path}&since=%40${hourAgo - 60}&until=%40${hourAgo}`);
  await expect(page.getByText(timeline.nothing)).toBeVisible();
  await expect(page.getByLabel(timeline.top)).toBeVisible();
  await page.getByRole("button", { name: timeline.zoomOut }).click();
  await expect(page).toHaveURL(new RegExp(`since=%40${hourAgo - 120}&until=%40${hourAgo + 60}`));
  await page.getByRole("button", { name: timeline.goToKnown }).click();
  await expect(page.getByRole("table").first()).toBeVisible();

  // There is no week before this one.
  await page.goto(`${agent.page}${path}&since=7d&compare=before`);
  await expect(page.getByText(timeline.noThen)).toBeVisible();
  await expect(page.getByRole("table").first()).toBeVisible();
  await expect(page.getByRole("alert")).toHaveCount(0);
});
