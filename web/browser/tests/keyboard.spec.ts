// Everything by keys: help, views, lists, filters, and that one sees where one is.
import { english } from "../../src/i18n/english.ts";
import { ROUTES } from "../../src/router/routes.tsx";
import { expect, test } from "../world/test.ts";

const { keys, live, nav, overview } = english;

test("letters after g lead to views, ? helps, Esc closes", async ({ page, world }) => {
  await page.goto(`${world.agent.page}/`);
  await expect(page.getByRole("heading", { name: overview.title })).toBeVisible();
  const views = page.getByRole("navigation", { name: nav.label, exact: true });
  const withKeys = ROUTES.flatMap(({ name, key }) => (key ? [{ name, key }] : []));
  for (const { name, key } of [...withKeys].reverse()) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await expect(views.getByRole("link", { name: new RegExp(`^${nav[name]}`) })).toHaveAttribute(
      "aria-current",
      "page",
    );
  }
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: keys.title });
  await expect(dialog).toBeVisible();
  for (const { name } of withKeys) await expect(dialog).toContainText(keys.go(nav[name]));
  // The dialog has the keys to itself.
  await page.keyboard.press("g");
  await page.keyboard.press("b");
  await expect(page.getByRole("heading", { name: overview.title })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await page.getByRole("button", { name: nav.help }).click();
  await expect(dialog).toBeVisible();
});

test("j and k go through lists, / to the filter, Enter opens; the focus is seen", async ({ page, world }) => {
  const { agent, manyTarget } = world;
  await page.goto(`${agent.page}/?q=gostat.example&sort=name&order=asc`);
  const rows = page.getByRole("rowheader").getByRole("link");
  await expect(rows.first()).toBeVisible();
  await page.keyboard.press("j");
  await expect(rows.nth(0)).toBeFocused();
  await page.keyboard.press("j");
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press("k");
  await expect(rows.nth(0)).toBeFocused();
  const outline = await rows.nth(0).evaluate((link) => {
    const style = getComputedStyle(link);
    return [style.outlineStyle, Number.parseFloat(style.outlineWidth)];
  });
  expect(outline[0]).not.toBe("none");
  expect(outline[1]).toBeGreaterThanOrEqual(1);
  await page.keyboard.press("/");
  const filter = page.getByRole("searchbox", { name: overview.filter });
  await expect(filter).toBeFocused();
  await page.keyboard.type(`many ${world.many.pid}`);
  await page.keyboard.press("Escape");
  await expect(filter).not.toBeFocused();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${agent.page}/targets/${manyTarget.id}`);

  await page.goto(`${agent.page}/targets/${manyTarget.id}/goroutines?sort=id&order=asc`);
  const table = page.getByRole("table").first();
  await expect(table.getByRole("link").first()).toBeVisible();
  await table.getByRole("rowgroup").focus();
  for (const key of ["j", "j", "k", "ArrowDown"]) await page.keyboard.press(key);
  const chosen = table.getByRole("row", { selected: true });
  await expect(chosen).toHaveAttribute("aria-rowindex", "2");
  const id = await chosen.getByRole("link").textContent();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: `${live.goroutine} ${id}` })).toBeVisible();
});

test("Tab goes to the content first, and nothing that has the focus is unseen", async ({ page, world }) => {
  await page.goto(`${world.agent.page}/`);
  await expect(page.getByRole("heading", { name: overview.title })).toBeVisible();
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: nav.skip });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press("Tab");
    const focus = page.locator(":focus");
    await expect(focus).toBeInViewport();
    expect(await focus.evaluate((one) => getComputedStyle(one).outlineStyle)).not.toBe("none");
  }
});
