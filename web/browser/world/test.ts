// What tests are given: an agent that watches a shop with troubles and programs that hold still, and a watched page.
import { expect, type Page } from "@playwright/test";
import { english } from "../../src/i18n/english.ts";
import { Agent, type Target } from "./agent.ts";
import type { Child } from "./children.ts";
import { GoProgram, openShop } from "./go_program.ts";
import { watchedTest } from "./watched_page.ts";

export interface World {
  readonly agent: Agent;
  readonly shop: Child;
  readonly shopTarget: Target;
  /** 2,000 goroutines that wait for ever. */
  readonly many: GoProgram;
  readonly manyTarget: Target;
}

/** How many goroutines of its own `many` has. */
export const MANY = 2_000;

/** A name under which programs are watched by nobody else. */
export function unique(what: string): string {
  return `${what}-${process.pid}-${Math.random().toString(36).slice(2)}`;
}

export const test = watchedTest.extend<object, { world: World }>({
  world: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a pattern.
    async ({}, use) => {
      const watchedAs = unique("world");
      const started: { stop(): Promise<void> }[] = [];
      try {
        // Few customers: on a busy machine it rests now and then all the same, and what leaks can be proven.
        const shop = await openShop(watchedAs, 1);
        started.push(shop);
        const many = await GoProgram.start("many", { watchedAs, args: [String(MANY)] });
        started.push(many);
        const agent = await Agent.start({ watchedAs });
        started.push(agent);
        const [shopTarget, manyTarget] = [await agent.target(shop.pid), await agent.target(many.pid)];
        await use({ agent, shop, shopTarget, many, manyTarget });
      } finally {
        for (const one of started.reverse()) await one.stop();
      }
    },
    { scope: "worker", timeout: 240_000 },
  ],
});

/** A whole number as the page writes it in English. */
export function figure(count: number): string {
  return count.toLocaleString("en");
}

/** The number of goroutines that a live view says there are. */
export async function liveCount(page: Page): Promise<number> {
  const pattern = new RegExp(`^${english.live.liveAt("([\\d,]+)", ".*")}`);
  const said = await page.getByText(pattern).first().textContent();
  return Number(said?.match(pattern)?.[1]?.replaceAll(",", ""));
}

/** Waits until a live view shows the process as it is now. */
export async function isLive(page: Page): Promise<void> {
  await expect(page.getByText(english.live.states.live, { exact: true })).toBeAttached();
}

export { expect };
