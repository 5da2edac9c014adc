// Every view with something in it, by its address: what holds for all of them is tried on all of them.
import type { Page } from "@playwright/test";
import { ROUTES } from "../../src/router/routes.tsx";
import { foundLeak } from "./findings.ts";
import { dumped } from "./gostat.ts";
import { expect, type World } from "./test.ts";

interface View {
  readonly name: string;
  readonly path: string;
}

/** All views. */
export async function everyView({ agent, shop, shopTarget }: World): Promise<readonly View[]> {
  const [stuck] = await dumped(shop.pid, "func~'warehouse' and reason='sync.Mutex.Lock'");
  const leak = await foundLeak(agent);
  const of = `/targets/${shopTarget.id}`;
  const views = [
    { name: "overview", path: "/" },
    { name: "target", path: of },
    { name: "timeline", path: `/timeline?target=${shopTarget.id}&by=stack&since=5m` },
    { name: "findings", path: `/findings/${leak.id}` },
    { name: "board", path: "/board" },
    { name: "map", path: `${of}/map` },
    { name: "map", path: `${of}/map?show=past` },
    { name: "goroutines", path: `${of}/goroutines` },
    { name: "goroutine", path: `${of}/goroutines/${stuck?.id}` },
    { name: "stacks", path: `${of}/stacks` },
    { name: "scheduler", path: `${of}/scheduler` },
    { name: "leaks", path: `${of}/leaks` },
  ];
  // A new view has to come here, too.
  expect(new Set(views.map(({ name }) => name))).toEqual(new Set(ROUTES.map(({ name }) => name)));
  return views;
}

/** Waits until a view has what it shows. */
export async function isFilled(page: Page): Promise<void> {
  const isSeen = { visible: true };
  await expect(page.getByRole("heading").filter(isSeen).first()).toBeVisible();
  await expect(page.getByRole("main").locator("[aria-busy=true]")).toHaveCount(0);
  const content = page.getByRole("main").locator("h2, table, canvas, button, a[href]");
  await expect(content.filter(isSeen).first()).toBeVisible();
}
