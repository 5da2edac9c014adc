// Dots that have moved: what the graphics card makes of changes is what it makes of all dots at once.
import { Agent } from "../world/agent.ts";
import { GoProgram } from "../world/go_program.ts";
import { colours, drawnShare } from "../world/pixels.ts";
import { expect, unique } from "../world/test.ts";
import { watchedTest } from "../world/watched_page.ts";

/** Goroutines of the runtime's own come and go. */
const DIFFERENT_MAX = 100;

type Colours = Awaited<ReturnType<typeof colours>>;

/** How many pixels are of another colour, if each were as near as can be. */
function difference(a: Colours, b: Colours): number {
  const [before, after] = [new Map(a), new Map(b)];
  const all = new Set([...before.keys(), ...after.keys()]);
  return [...all].reduce((sum, one) => sum + Math.abs((before.get(one) ?? 0) - (after.get(one) ?? 0)), 0) / 2;
}

watchedTest("dots that have moved are where all dots drawn anew are", async ({ page, watch }) => {
  watch.allow(/WebGL/);
  const watchedAs = unique("waves");
  const waves = await GoProgram.start("waves", { watchedAs, args: ["4000"] });
  const agent = await Agent.start({ watchedAs });
  try {
    const { id } = await agent.target(waves.pid);
    await page.goto(`${agent.page}/targets/${id}/map`);
    const canvas = page.getByRole("application").locator("canvas");
    await expect.poll(() => drawnShare(canvas)).toBeGreaterThan(0.02);
    const first = await colours(canvas);
    for (let wave = 0; wave < 6; wave += 1) {
      await waves.ask("wave");
      await page.waitForTimeout(700);
    }
    // Nearly a third of them have another stack now.
    await expect.poll(async () => difference(first, await colours(canvas))).toBeGreaterThan(2_000);
    await expect
      .poll(async () => difference(await colours(canvas), await colours(canvas)))
      .toBeLessThan(DIFFERENT_MAX);
    const moved = await colours(canvas);

    const card = await canvas.evaluateHandle((one) =>
      (one as HTMLCanvasElement).getContext("webgl2")?.getExtension("WEBGL_lose_context"),
    );
    await card.evaluate((extension) => extension?.loseContext());
    await expect(canvas).not.toBeVisible();
    await card.evaluate((extension) => extension?.restoreContext());
    await expect.poll(async () => difference(moved, await colours(canvas))).toBeLessThan(DIFFERENT_MAX);
  } finally {
    await page.close();
    await agent.stop();
    await waves.stop();
  }
});
