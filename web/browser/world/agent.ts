// A running `gostat agent` of our own: its configuration, its address, and asking it.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Child, PATIENCE_MS } from "./children.ts";
import { attributeOf } from "./go_program.ts";
import { GOSTAT } from "./gostat.ts";

/** A target as the API has it; what tests look at. */
export interface Target {
  readonly id: string;
  readonly pid: number;
  readonly name: string;
  readonly goroutines: number | null;
  readonly looks: number;
}

/** Asking is work for the agent, too. */
const ASKED_AGAIN_MS = 100;

interface Options {
  /** What programs of ours it watches. */
  readonly watchedAs: string;
  /** Lines of the configuration before its first section. */
  readonly settings?: string;
  /** Processes that it watches at most. */
  readonly targetsMax?: number;
}

/** Looks that come soon, findings that fire soon, and no other process of this machine. */
function configuration(
  directory: string,
  listen: string,
  { watchedAs, settings = "", targetsMax = 1_000 }: Options,
): string {
  const [label, value] = attributeOf(watchedAs);
  return `
listen = "${listen}"
state_directory = ${JSON.stringify(join(directory, "state"))}
interval = "500ms"
discovery = { every = "200ms", min_age = "0s", targets_max = ${targetsMax} }
budget = { cpu_percent = 1000.0 }
breaker = { timeout = "60s" }
${settings}
[alerts.findings]
hold_s = 1
hold_critical_s = 1
[[targets]]
labels = { ${JSON.stringify(label)} = ${JSON.stringify(value)} }
[[targets]]
name = "*"
collect = "off"
leaks = false
`;
}

export class Agent {
  readonly directory: string;
  readonly #options: Options;
  #child: Child;
  #address = "";

  private constructor(directory: string, options: Options, child: Child) {
    this.directory = directory;
    this.#options = options;
    this.#child = child;
  }

  static async start(options: Options): Promise<Agent> {
    const directory = await mkdtemp(join(tmpdir(), "gostat-browser-"));
    const agent = new Agent(directory, options, await run(directory, "127.0.0.1:0", options));
    await agent.#isUp();
    return agent;
  }

  /** Where the page is. */
  get page(): string {
    return `http://${this.#address}/ui`;
  }

  async #isUp(): Promise<void> {
    const [, address] = await this.#child.lineWith(/"address":"([^"]+)"/);
    this.#address = address ?? "";
    const deadline = Date.now() + PATIENCE_MS;
    // Whether it does its work is asked without a token, and refused until it does.
    while ((await this.#ask("/readyz")).status !== 200) {
      if (Date.now() > deadline) throw new Error("the agent is not ready");
      await delay(ASKED_AGAIN_MS);
    }
  }

  #ask(path: string): Promise<Response> {
    return fetch(`http://${this.#address}${path}`, {
      // The next one may be asked of another agent at this address.
      headers: { connection: "close" },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  }

  /** Ends it without a warning; what it knew stays in its directory. */
  kill(): Promise<void> {
    return this.#child.stop();
  }

  /** Starts it again, at the same address. */
  async startAgain(): Promise<void> {
    this.#child = await run(this.directory, this.#address, this.#options);
    await this.#isUp();
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** The answer to a question. */
  async json<T>(path: string): Promise<T> {
    const response = await this.#ask(path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Asks until the answer has what is wanted. */
  async until<T, Found>(path: string, wanted: (answer: T) => Found | undefined): Promise<Found> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await this.json<T>(path);
      const found = wanted(answer);
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`${path} never had it: ${JSON.stringify(answer)}`);
      await delay(ASKED_AGAIN_MS);
    }
  }

  /** The target with a pid, as soon as it was looked at and is in the history. Before, questions about its past get 404. */
  async target(pid: number): Promise<Target> {
    const found = await this.until<{ targets: Target[] }, Target>("/api/v1/targets", ({ targets }) =>
      targets.find((target) => target.pid === pid && target.goroutines !== null),
    );
    await this.until<{ processes: { id: string }[] }, true>("/api/v1/processes", ({ processes }) =>
      processes.some(({ id }) => id === found.id) ? true : undefined,
    );
    return found;
  }
}

async function run(directory: string, listen: string, options: Options): Promise<Child> {
  const file = join(directory, "agent.toml");
  await writeFile(file, configuration(directory, listen, options));
  return new Child(GOSTAT, ["agent", "--log", "json", "--config", file], {}, "stderr");
}
