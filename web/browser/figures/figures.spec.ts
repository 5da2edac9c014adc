// Prints what frames of the maps cost. Nothing is asserted of the time that anything takes.
import { loadavg } from "node:os";
import { type Browser, expect, type Page } from "@playwright/test";
import { english } from "../../src/i18n/english.ts";
import { Agent } from "../world/agent.ts";
import { GoProgram } from "../world/go_program.ts";
import { drawnShare } from "../world/pixels.ts";
import { isLive, unique } from "../world/test.ts";
import { watchedTest } from "../world/watched_page.ts";
import { measured } from "./trace.ts";

/** A million take three GiB, and some minutes. */
const GOROUTINES = process.env.GOSTAT_FIGURES_GOROUTINES ?? "1000000";
const FOR_MS = 12_000;
const WAVES = 5;
/** So many goroutines move between two ticks. */
const MOVED = "500";

function said(all: readonly number[]): string {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0).toFixed(1);
  return `half ${at(0.5)}, 99% ${at(0.99)}, longest ${at(1)}, of ${sorted.length}`;
}

/** Of the ticks that uploaded anything. */
function uploaded(ticks: readonly (readonly number[])[]): string {
  const some = ticks.filter((uploads) => uploads.length > 0);
  if (some.length === 0) return "no uploads";
  const most = Math.max(...some.map((uploads) => uploads.length));
  const kib = Math.max(...some.map((uploads) => uploads.reduce((sum, bytes) => sum + bytes, 0))) / 1_024;
  const once = some.filter((uploads) => uploads.length === 1).length;
  return `uploads of ${some.length} ticks: one at ${once}, at most ${most} of ${Math.round(kib)} KiB`;
}

async function tell(browser: Browser, page: Page, name: string, what: () => Promise<void>): Promise<void> {
  const { byFrame, bySixtieth, uploads } = await measured(browser, page, what);
  process.stdout.write(
    `${name.padEnd(22)} ms of script by 1/60 s: ${said(bySixtieth)}; by drawn frame: ${said(byFrame)};` +
      ` ${uploaded(uploads)}; load ${(loadavg()[0] ?? 0).toFixed(1)}\n`,
  );
}

/** Waits until all dots have been uploaded: only what changes is of interest. */
async function filled(page: Page): Promise<void> {
  const cost = page.getByTitle(english.live.cost.title).getByText(/^upload/);
  await expect.poll(() => cost.textContent(), { intervals: [5_000] }).toMatch(/ in [01]$/);
  // What a page does once, when it has just been opened, is no tick's.
  await page.waitForTimeout(3_000);
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
  const waves = await GoProgram.start("waves", { watchedAs, args: [GOROUTINES, MOVED] });
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
      await filled(page);
      await tell(browser, page, `${name}: ticks`, async () => {
        for (let wave = 0; wave < WAVES; wave += 1) {
          const { looks } = await agent.target(waves.pid);
          await waves.ask("wave");
          await expect
            .poll(async () => (await agent.target(waves.pid)).looks, { intervals: [1_000] })
            .toBeGreaterThan(looks + 3);
        }
      });
      await tell(browser, page, `${name}: zooming`, () => zoom(page));
      if (query === "") await tell(browser, page, `${name}: brushing`, () => brush(page));
    }
  } finally {
    // A page that is still there would ask an agent that is not.
    await page.close();
    await agent.stop();
    await waves.stop();
  }
});
