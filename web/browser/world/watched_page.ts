// Pages of which everything is noticed that must never happen: errors, refusals by the policy, dialogs, other hosts.
import { type BrowserContext, test as base, expect } from "@playwright/test";
import { isOurs } from "./children.ts";

export class Watch {
  readonly troubles: string[] = [];
  readonly #allowed: RegExp[] = [];
  #origin: string | undefined;

  /** Noise that a test makes on purpose, as the browser words it: a request that is refused, an agent that is away. */
  allow(...said: readonly RegExp[]): void {
    this.#allowed.push(...said);
  }

  of(context: BrowserContext): void {
    context.on("console", (message) => {
      const { url } = message.location();
      if (message.type() !== "error" || isOfOthers(url)) return;
      this.#note(`console: ${message.text()} ${url}`);
    });
    context.on("weberror", (error) => this.#note(`exception: ${error.error().stack ?? error.error()}`));
    context.on("dialog", async (dialog) => {
      this.#note(`dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    context.on("request", (request) => this.#asked(request.url()));
    context.on("page", (page) => page.on("websocket", (socket) => this.#asked(socket.url())));
  }

  #asked(url: string): void {
    const { protocol, host } = new URL(url);
    if (protocol === "data:" || protocol === "blob:" || url === "about:blank") return;
    this.#origin ??= host;
    if (host !== this.#origin) this.#note(`request to another origin: ${url}`);
  }

  #note(trouble: string): void {
    if (!this.#allowed.some((allowed) => allowed.test(trouble))) this.troubles.push(trouble);
  }
}

/** Whether an address is about a process of the machine that is none of ours: it may end while it is asked for. */
function isOfOthers(url: string): boolean {
  const pid = url.match(/[=/](\d+)-\d+\b/)?.[1];
  return pid !== undefined && Number(pid) > 1 && !isOurs(Number(pid));
}

/** `test` of Playwright, whose pages are watched: a test fails if anything of that happens in it. */
export const watchedTest = base.extend<{ watch: Watch }>({
  watch: [
    async ({ context }, use) => {
      const watch = new Watch();
      watch.of(context);
      // The policy is reported to the console, too, but for what happens in workers.
      await context.addInitScript(() => {
        document.addEventListener("securitypolicyviolation", (event) => {
          // biome-ignore lint/suspicious/noConsole: what is said there fails the test.
          console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
        });
      });
      await use(watch);
      expect(watch.troubles, "errors, policy, dialogs, requests to others").toEqual([]);
    },
    { auto: true },
  ],
});
