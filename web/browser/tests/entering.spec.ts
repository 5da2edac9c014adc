// Agents that want a token: who has it gets in, nobody else does, and the token stays nowhere.
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { english } from "../../src/i18n/english.ts";
import { Agent } from "../world/agent.ts";
import { expect, test, unique } from "../world/test.ts";

const { login, overview } = english;
const TOKEN = "0123456789abcdef0123456789abcdef";

test("a token is asked for, sent once, and kept nowhere", async ({ page, context, watch }) => {
  watch.allow(/status of 401/);
  const watchedAs = unique("token");
  const file = join(tmpdir(), watchedAs);
  await writeFile(file, `${TOKEN}\n`, { mode: 0o600 });
  const agent = await Agent.start({ watchedAs, settings: `http = { token_file = ${JSON.stringify(file)} }` });
  const asked: string[] = [];
  context.on("request", (request) => asked.push(`${request.url()} ${JSON.stringify(request.headers())}`));
  try {
    await page.goto(`${agent.page}/?q=many`);
    await expect(page.getByRole("heading", { name: login.title })).toBeVisible();
    await expect(page.getByRole("heading", { name: overview.title })).toHaveCount(0);
    const field = page.getByLabel(login.token);
    await expect(field).toHaveAttribute("type", "password");
    await field.fill(TOKEN.replace("f", "e"));
    await page.getByRole("button", { name: login.go }).click();
    await expect(page.getByRole("alert").filter({ hasText: login.wrong })).toBeVisible();
    expect(await context.cookies()).toEqual([]);

    await field.fill(TOKEN);
    await field.press("Enter");
    await expect(page.getByRole("heading", { name: overview.title })).toBeVisible();
    expect(page.url()).toBe(`${agent.page}/?q=many`);
    const [cookie] = await context.cookies();
    expect(cookie?.httpOnly).toBe(true);
    expect(cookie?.sameSite).toBe("Strict");
    expect(cookie?.value).not.toContain(TOKEN);
    const stored = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state]),
    );
    expect(stored).not.toContain(TOKEN);
    expect(asked.filter((request) => request.includes(TOKEN))).toEqual([]);

    // Who is in stays in, until the session ends.
    await page.reload();
    await expect(page.getByRole("heading", { name: overview.title })).toBeVisible();
    const ended = await page.evaluate(
      async () => (await fetch("/api/v1/session", { method: "DELETE" })).status,
    );
    expect(ended).toBe(204);
    await expect(page.getByRole("heading", { name: login.title })).toBeVisible();
  } finally {
    await agent.stop();
  }
});
