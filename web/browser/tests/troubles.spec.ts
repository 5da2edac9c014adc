// The troubles of the demo's shop: its leak with the proof, its deadlock drawn, and what the agent made of them.
import { english } from "../../src/i18n/english.ts";
import { foundLeak, LEAKING } from "../world/findings.ts";
import { dumped, gostat } from "../world/gostat.ts";
import { expect, figure, test } from "../world/test.ts";

const { board, findings, live, nav } = english;

interface Leaks {
  readonly leaks: readonly {
    readonly verdict: string;
    readonly evidence: readonly string[];
    readonly fix: string | null;
    readonly stack: readonly { readonly function: string }[];
  }[];
}

test("the search for leaks proves the shop's leak, in the words of gostat leaks", async ({ page, world }) => {
  const { agent, shop, shopTarget } = world;
  const said = await gostat<Leaks>("leaks", "--json", "--freeze=60s", String(shop.pid));
  const leak = said.leaks.find(({ stack }) => stack.some((place) => place.function.includes(LEAKING)));
  expect(leak?.verdict).toBe("proven");
  await page.goto(`${agent.page}/targets/${shopTarget.id}/leaks`);
  const shown = page
    .locator("section")
    .filter({ hasText: LEAKING })
    .filter({ hasText: live.leaks.verdicts.proven ?? "" });
  // The shop serves on: a search that met it in a moment that proves nothing says why, and is made again.
  await expect(async () => {
    await page.getByRole("button", { name: new RegExp(`${live.leaks.search}|${live.leaks.again}`) }).click();
    await expect(page.getByRole("button", { name: live.leaks.again })).toBeVisible();
    await expect(shown.first()).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 240_000 });
  await expect(shown.first()).toContainText(leak?.fix ?? "no fix");
  await expect(shown.first()).toContainText("nothing that can run reaches what it waits on");
  await expect(shown.first()).toContainText("report.go:");
  // How it grew, and since when: of the finding on it, or of the history.
  await shown.first().getByRole("heading", { name: findings.growth }).scrollIntoViewIfNeeded();
  await expect(shown.first().getByRole("img", { name: findings.growth })).toBeVisible();
  await expect(shown.first()).toContainText(findings.firstSeen);
  // Going away and back loses nothing; ids lead to goroutines.
  await page.getByRole("link", { name: nav.scheduler }).click();
  await page.goBack();
  await shown.first().locator("p").getByRole("link").first().click();
  await expect(page.getByText("handlers.(*reports).render", { exact: false }).first()).toBeVisible();
});

test("a goroutine of the deadlock has its chain drawn, which leads to the other", async ({ page, world }) => {
  const { agent, shop, shopTarget } = world;
  const stuck = async () => dumped(shop.pid, "func~'warehouse' and reason='sync.Mutex.Lock'");
  await expect.poll(async () => (await stuck()).length).toBe(2);
  const [one, other] = await stuck();
  await page.goto(`${agent.page}/targets/${shopTarget.id}/goroutines/${one?.id}`);
  const picture = page.getByRole("group", { name: /^Drawn:/ });
  await expect(picture.getByText(live.chain.deadlock).first()).toBeVisible();
  await expect(picture).toContainText(`${live.goroutine} ${other?.id}`);
  await expect(page.getByText(live.chain.deadlocked(2, true))).toBeVisible();
  await page.getByText(live.chain.evidence).click();
  const text = page.getByRole("listitem").getByText(live.chain.holds.between_lock_and_unlock);
  await expect(text.first()).toBeVisible();
  await picture
    .getByRole("link", { name: `${live.goroutine} ${other?.id}` })
    .first()
    .click();
  await expect(page.getByRole("heading", { name: `${live.goroutine} ${other?.id}` })).toBeVisible();
  for (const frame of other?.stack ?? []) {
    await expect(
      page.getByText(frame.function.split("/").at(-1) ?? "", { exact: false }).first(),
    ).toBeVisible();
  }
});

test("findings and the board have what the agent has found", async ({ page, world }) => {
  const { agent } = world;
  const found = await foundLeak(agent);
  await page.goto(`${agent.page}/`);
  const pile = page.getByRole("main").getByRole("listitem").filter({ hasText: LEAKING });
  await expect(pile.first()).toContainText("report.go:");
  await expect(pile.first()).toContainText("leaky-shop");
  await pile.first().getByRole("link", { name: nav.map }).click();
  await expect(page).toHaveURL(/\/map\?q=func/);
  await expect(page.getByText(new RegExp(`^${live.matched("[\\d,]*[1-9]", "[\\d,]+")}$`))).toBeVisible();
  await page
    .getByRole("navigation", { name: nav.label, exact: true })
    .getByRole("link", { name: nav.findings })
    .click();
  const line = page.getByRole("listitem").getByRole("link", { name: LEAKING });
  await line.first().click();
  await expect(page).toHaveURL(/\/findings\/[^/]+$/);
  await page.goto(`${agent.page}/findings/${found.id}`);
  const detail = page.getByRole("article");
  await expect(detail).toContainText(new RegExp(Object.values(findings.verdicts).join("|")));
  await expect(detail).toContainText(LEAKING);
  await expect(detail).toContainText("leaky-shop");
  await page.getByLabel(findings.state).selectOption("all");
  await page.getByRole("searchbox", { name: findings.filter }).fill("render");
  await page.reload();
  await expect(page.getByRole("searchbox", { name: findings.filter })).toHaveValue("render");
  await expect(page.getByLabel(findings.state)).toHaveValue("all");

  await page
    .getByRole("navigation", { name: nav.label, exact: true })
    .getByRole("link", { name: nav.board })
    .click();
  await expect(page.getByRole("heading", { name: board.functions })).toBeVisible();
  const leaking = page.getByRole("row").filter({ hasText: "render" });
  await expect(async () => {
    const { findings } = await agent.json<{ findings: { id: string; count: number }[] }>("/api/v1/findings");
    const count = findings.find(({ id }) => id === found.id)?.count ?? -1;
    await expect(leaking.first()).toContainText(figure(count), { timeout: 10_000 });
  }).toPass();
});
