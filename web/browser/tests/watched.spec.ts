// What makes every test fail is noticed: else none of them would tell.
import { expect, test } from "../world/test.ts";
import { Watch } from "../world/watched_page.ts";

test("errors, exceptions, refusals by the policy, dialogs and other origins are noticed", async ({
  browser,
  world,
}) => {
  const context = await browser.newContext();
  const watch = new Watch();
  watch.of(context);
  const page = await context.newPage();
  await page.goto(`${world.agent.page}/`);
  await page.evaluate(() => {
    new Image().src = "http://other.invalid/picture.png";
    setTimeout(() => {
      alert("asked");
      throw new Error("thrown");
    });
  });
  const other = await context.newPage();
  await other.goto("http://127.0.0.1:1/").catch(() => undefined);
  const said = () => watch.troubles.join("\n");
  for (const trouble of [
    /console: .*other\.invalid.*Content Security Policy/,
    /dialog: asked/,
    /exception: Error: thrown/,
    /request to another origin: http:\/\/127\.0\.0\.1:1\//,
  ]) {
    await expect.poll(said).toMatch(trouble);
  }
  await context.close();
});
