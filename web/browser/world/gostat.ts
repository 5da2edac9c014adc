// What gostat itself says of a process on the command line: what the page is compared with.
import { execFile } from "node:child_process";
import { PATIENCE_MS } from "./children.ts";

export const GOSTAT = process.env.GOSTAT_TEST_BINARY ?? "gostat";

export interface DumpedGoroutine {
  readonly id: number;
  readonly status: string;
  readonly wait_reason: string | null;
  readonly is_runtime: boolean;
  readonly stack: readonly { readonly function: string; readonly file: string; readonly line: number }[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface Dump {
  readonly goroutines: readonly DumpedGoroutine[];
}

/** The JSON that a command prints. Finding a leak is exit status 1. */
export function gostat<T>(...args: readonly string[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 1 << 30, timeout: PATIENCE_MS };
    execFile(GOSTAT, args, options, (error, stdout, stderr) => {
      if (error && error.code !== 1)
        reject(new Error(`gostat ${args.join(" ")}: ${stderr}`, { cause: error }));
      else resolve(JSON.parse(stdout) as T);
    });
  });
}

/** All goroutines, or those of a filter. */
export async function dumped(pid: number, filter?: string): Promise<readonly DumpedGoroutine[]> {
  const chosen = filter === undefined ? [] : ["--filter", filter];
  return (await gostat<Dump>("dump", "--json", String(pid), ...chosen)).goroutines;
}

/** How many match a filter, of any number of goroutines. */
export async function counted(pid: number, filter: string): Promise<number> {
  const said = await gostat<{ groups: { count: number }[] }>(
    "dump",
    "--group",
    "--json",
    String(pid),
    "--filter",
    filter,
  );
  return said.groups.reduce((sum, { count }) => sum + count, 0);
}
