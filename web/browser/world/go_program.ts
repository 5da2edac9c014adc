// Real Go programs: those of test-programs/, which answer questions, and the demo's shop.
import { join } from "node:path";
import { Child } from "./children.ts";

/** Agents of tests look at programs that have this label, and at no others of the machine. */
const LABEL = "gostat.test";

export type ProgramName = "leaky-shop" | "many" | "waves" | "meanings" | "hostile-names";

interface Options {
  /** Agents watch the programs of one name; see `Agent`. */
  readonly watchedAs: string;
  readonly args?: readonly string[];
  /** A copy of the program under another name. */
  readonly executable?: string;
  readonly service?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

export function attributeOf(watchedAs: string): readonly [string, string] {
  return [LABEL, watchedAs];
}

function start(
  name: ProgramName,
  { watchedAs, args = [], executable, service, attributes = {} }: Options,
): Child {
  const folder = process.env.GOSTAT_TEST_PROGRAMS ?? "";
  const all = Object.entries({ ...attributes, ...Object.fromEntries([attributeOf(watchedAs)]) });
  const env = {
    PATH: process.env.PATH,
    GOMAXPROCS: "2",
    // As OpenTelemetry has it: what is no plain letter is written in per cent.
    OTEL_RESOURCE_ATTRIBUTES: all
      .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
      .join(","),
    ...(service === undefined ? {} : { OTEL_SERVICE_NAME: service }),
  };
  return new Child(executable ?? join(folder, name), args, { env }, "stdout");
}

/** A program of test-programs/. It ends with us: its standard input does. */
export class GoProgram {
  readonly child: Child;

  private constructor(child: Child) {
    this.child = child;
  }

  static async start(name: Exclude<ProgramName, "leaky-shop">, options: Options): Promise<GoProgram> {
    const child = start(name, options);
    await child.lineWith(/^ready$/);
    return new GoProgram(child);
  }

  get pid(): number {
    return this.child.pid;
  }

  /** Has it do something, and waits until that is done. */
  async ask(command: string): Promise<string> {
    this.child.say(command);
    const [, how, length] = await this.child.lineWith(/^(ok|error) (\d+)$/);
    const answer = (await this.child.bytes(Number(length))).toString();
    if (how !== "ok") throw new Error(`${command}: ${answer}`);
    return answer;
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}

/** The demo's shop, with all its troubles. It closes by itself after half an hour. */
export async function openShop(watchedAs: string, customers: number): Promise<Child> {
  const args = ["-troubles", "-run-for", "30m", "-customers", String(customers)];
  const shop = start("leaky-shop", { watchedAs, args });
  await shop.lineWith(/^leaky-shop ready/);
  return shop;
}
