// Names that programs choose stay text, wherever they are shown, and leave the page in its shape.
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { english } from "../../src/i18n/english.ts";
import { Agent } from "../world/agent.ts";
import { isFilled } from "../world/every_view.ts";
import { GoProgram } from "../world/go_program.ts";
import { dumped } from "../world/gostat.ts";
import { expect, isLive, test, unique } from "../world/test.ts";

const { live } = english;
const IMAGE = '<img src=x onerror="window.hurt=1">';
const EXECUTABLE = "<img src=x onerror='window.hurt=1'><b>bold";

/** Nothing of it has become more than text, and the page has its shape. */
async function isUnhurt(page: Page): Promise<void> {
  expect(await page.evaluate(() => Reflect.get(window, "hurt"))).toBeUndefined();
  expect(await page.locator("img, b, main script").count()).toBe(0);
  const wide = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(await wide(), page.url()).toBe(0);
  // Characters that turn or hide text are written out.
  expect(await page.locator("body").textContent()).not.toMatch(/\p{Bidi_Control}|\u200b|(?!\n)\p{Cc}/u);
}

test("hostile names stay text in every view", async ({ page }) => {
  test.slow();
  const watchedAs = unique("hostile");
  const folder = await mkdtemp(join(tmpdir(), "gostat-hostile-"));
  const executable = join(folder, EXECUTABLE);
  await copyFile(join(process.env.GOSTAT_TEST_PROGRAMS ?? "", "hostile-names"), executable);
  const program = await GoProgram.start("hostile-names", {
    watchedAs,
    executable,
    service: `${IMAGE}\u202eservice`,
    attributes: {
      "service.version": "</script><script>window.hurt=1</script>",
      [IMAGE]: "long<b>".repeat(500),
    },
  });
  const agent = await Agent.start({ watchedAs });
  try {
    const { id } = await agent.target(program.pid);
    const of = `/targets/${id}`;
    const leaked = await dumped(program.pid, "func~leakedInFile");
    const labelled = await dumped(program.pid, "func~labelled");
    expect(labelled.length).toBe(6);
    const views: readonly (readonly [string, string])[] = [
      ["/", "<script>hurt"],
      [of, "<img src=x onerror"],
      [`${of}/map`, "chan receive"],
      [`${of}/map?show=past`, "labelled"],
      [`${of}/goroutines?q=labelled`, IMAGE],
      [`${of}/goroutines?q=leakedInFile`, "script>.go:4243"],
      [`${of}/goroutines/${leaked[0]?.id}`, "script>.go:4243"],
      ...labelled.map(
        (one) =>
          [
            `${of}/goroutines/${one.id}`,
            // Labels that are longer than is read are not taken for none.
            "http.route" in one.labels
              ? "http.route="
              : live.one.gap(live.one.gapSubjects.labels ?? "", live.one.gapCauses.budget_spent ?? ""),
          ] as const,
      ),
      [`${of}/stacks`, "100%"],
      [`${of}/scheduler`, "P0"],
      [`/timeline?target=${id}&by=stack&since=5m`, "labelled"],
      ["/findings?state=all", ""],
      ["/board", ""],
    ];
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 });
      for (const [path, shown] of views) {
        await page.goto(`${agent.page}${path}`);
        await isFilled(page);
        await expect(page.getByRole("main").getByText(shown).first()).toBeAttached();
        await isUnhurt(page);
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(`${agent.page}${of}/leaks`);
    await page.getByRole("button", { name: live.leaks.search }).click();
    await expect(page.getByText(live.leaks.verdicts.proven ?? "", { exact: true }).first()).toBeVisible();
    await expect(page.getByText("script>.go:4243").first()).toBeVisible();
    await isUnhurt(page);
    // As a filter: names come from the address, too.
    await page.goto(
      `${agent.page}${of}/goroutines?q=${encodeURIComponent(IMAGE)}&sort=${encodeURIComponent(IMAGE)}`,
    );
    await isLive(page);
    await isUnhurt(page);
  } finally {
    await agent.stop();
    await program.stop();
    await rm(folder, { recursive: true });
  }
});
