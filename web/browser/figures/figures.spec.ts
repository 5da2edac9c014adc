// Prints what frames of the maps cost. Nothing is asserted of the time that anything takes.
import { loadavg } from "node:os";
import { type Browser, expect, type Page } from "@playwright/test";
import { english } from "../../src/i18n/english.ts";
import { Agent } from "../world/agent.ts";
import { GoProgram } from "../world/go_program.ts";
import { drawnShare } from "../world/pixels.ts";
import { isLive, unique } from "../world/test.ts";
import { watchedTest } from "../world/watched_page.ts";
import { scriptOfFrames } from "./trace.ts";

/** A million take three GiB, and some minutes. */
const GOROUTINES = process.env.GOSTAT_FIGURES_GOROUTINES ?? "1000000";
const FOR_MS = 12_000;

async function tell(browser: Browser, page: Page, name: string, what: () => Promise<void>): Promise<void> {
  const frames = (await scriptOfFrames(browser, page, what)).sort((a, b) => a - b);
  const at = (share: number) =>
    (frames[Math.min(Math.floor(frames.length * share), frames.length - 1)] ?? 0).toFixed(1);
  const cost = await page
    .getByTitle(english.live.cost.title)
    .getByText(/^upload/)
    .textContent();
  process.stdout.write(
    `${name.padEnd(20)} ms of script a frame: half ${at(0.5)}, 99% ${at(0.99)}, longest ${at(1)}, of ${frames.length};` +
      ` load ${(loadavg()[0] ?? 0).toFixed(1)}; ${cost}\n`,
  );
}

/** Turns a wheel over the map in every frame, in and out. */
async function zoom(page: Page): Promise<void> {
  await page.getByRole("application").evaluate(
    (map, forMs) =>
      new Promise<void>((resolve) => {
        const { left, top } = map.getBoundingClientRect();
        const began = performance.now();
        let turns = 0;
        const turn = () => {
          turns += 1;
          const at = { clientX: left + 300, clientY: top + 300, deltaY: turns % 40 < 22 ? -30 : 30 };
          map.dispatchEvent(new WheelEvent("wheel", { ...at, bubbles: true, cancelable: true }));
          if (performance.now() - began < forMs) requestAnimationFrame(turn);
          else resolve();
        };
        turn();
      }),
    FOR_MS,
  );
}

/** Draws a rectangle over the map, a little larger with every move. */
async function brush(page: Page): Promise<void> {
  const box = await page.getByRole("application").boundingBox();
  if (!box) throw new Error("there is no map");
  await page.mouse.move(box.x + 320, box.y + 120);
  await page.mouse.down();
  for (let move = 0; move < 60; move += 1) {
    await page.mouse.move(box.x + 330 + ((move * 5) % 300), box.y + 130 + ((move * 3) % 250));
  }
  await page.mouse.up();
}

watchedTest(`frames with ${GOROUTINES} goroutines`, async ({ browser, page }) => {
  watchedTest.setTimeout(900_000);
  const watchedAs = unique("figures");
  const waves = await GoProgram.start("waves", { watchedAs, args: [GOROUTINES] });
  const agent = await Agent.start({ watchedAs });
  try {
    const { id } = await agent.target(waves.pid);
    for (const [name, query] of [
      ["map", ""],
      ["map over time", "?show=past"],
    ] as const) {
      await page.goto(`${agent.page}/targets/${id}/map${query}`);
      await isLive(page);
      await expect.poll(() => drawnShare(page.getByRole("application").locator("canvas"))).toBeGreaterThan(0);
      await tell(browser, page, `${name}: a tick`, async () => {
        await waves.ask("wave");
        await page.waitForTimeout(FOR_MS);
      });
      await tell(browser, page, `${name}: zooming`, () => zoom(page));
      if (query === "") await tell(browser, page, `${name}: brushing`, () => brush(page));
    }
  } finally {
    await agent.stop();
    await waves.stop();
  }
});
