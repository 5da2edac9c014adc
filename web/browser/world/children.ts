// Processes that tests start: what they print, and that none of them outlives the tests.
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";

const running = new Set<ChildProcess>();
// Whatever becomes of a test: fixtures stop what they started, and this what is left.
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

const started = new Set<number>();

/** Whether tests started this process, whatever has become of it. */
export function isOurs(pid: number): boolean {
  return started.has(pid);
}

/** What a test waits for comes within this time, or not at all. */
export const PATIENCE_MS = 120_000;

export class Child {
  readonly process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #output = Buffer.alloc(0);
  #more: (() => void)[] = [];

  /** Starts a program; `listen` is what it says of itself on. */
  constructor(program: string, args: readonly string[], options: SpawnOptions, listen: "stdout" | "stderr") {
    const child = spawn(program, args, { ...options, stdio: ["pipe", "pipe", "pipe"] });
    this.process = child;
    running.add(child);
    if (child.pid !== undefined) started.add(child.pid);
    this.#ended = once(child, "close").then(() => {
      running.delete(child);
      this.#wake();
    });
    child.stdout.on("data", (bytes: Buffer) => listen === "stdout" && this.#hear(bytes));
    child.stderr.on("data", (bytes: Buffer) => listen === "stderr" && this.#hear(bytes));
    // Its end is told by `close`.
    child.stdin.on("error", () => undefined);
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error(`${this.process.spawnfile} did not start`);
    return this.process.pid;
  }

  say(line: string): void {
    this.process.stdin?.write(`${line}\n`);
  }

  /** The next line. */
  async line(): Promise<string> {
    const end = await this.#until(() => {
      const at = this.#output.indexOf("\n");
      return at < 0 ? undefined : at;
    });
    return this.#take(end + 1)
      .toString()
      .trimEnd();
  }

  /** The next line that this finds something in. */
  async lineWith(wanted: RegExp): Promise<RegExpMatchArray> {
    const seen: string[] = [];
    for (;;) {
      const line = await this.line().catch((error: unknown) => {
        throw new Error(`no ${wanted} in:\n${seen.join("\n")}`, { cause: error });
      });
      const found = line.match(wanted);
      if (found) return found;
      seen.push(line);
    }
  }

  /** The next so many bytes. */
  async bytes(count: number): Promise<Buffer> {
    await this.#until(() => (this.#output.length >= count ? count : undefined));
    return this.#take(count);
  }

  /** Stops it, if it has not ended, and waits for its end. */
  async stop(how: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.process.kill(how);
    await this.#ended;
  }

  #hear(bytes: Buffer): void {
    this.#output = Buffer.concat([this.#output, bytes]);
    this.#wake();
  }

  #wake(): void {
    for (const more of this.#more.splice(0)) more();
  }

  #take(count: number): Buffer {
    const taken = this.#output.subarray(0, count);
    this.#output = this.#output.subarray(count);
    return taken;
  }

  async #until(found: () => number | undefined): Promise<number> {
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const at = found();
      if (at !== undefined) return at;
      if (!running.has(this.process)) throw new Error(`${this.process.spawnfile} has ended: ${this.#output}`);
      await new Promise<void>((resolve, reject) => {
        this.#more.push(resolve);
        deadline.addEventListener("abort", () => reject(new Error(`${this.process.spawnfile} says nothing`)));
      });
    }
  }
}
