// The rows of the overview: a target with what was found in it, filtered and sorted.
import type { Finding } from "../../api/findings.ts";
import type { Target } from "../../api/targets.ts";
import { matches } from "../../parts/filter_field.tsx";

export interface Row {
  readonly target: Target;
  /** Findings that are not over. */
  readonly findings: readonly Finding[];
}

export const SORTS = ["name", "release", "goroutines", "findings", "age"] as const;
export type Sort = (typeof SORTS)[number];

/** Whether a finding is one of this very process: pids are given away again, their files tell them apart. */
export function concerns(finding: Finding, target: Target): boolean {
  return finding.targets.some(
    ({ pid, executable }) => pid === target.pid && executable === target.executable,
  );
}

const NUMBERS: Readonly<Record<"goroutines" | "findings" | "age", (row: Row) => number>> = {
  goroutines: ({ target }) => target.goroutines ?? -1,
  findings: ({ findings }) => findings.length,
  age: ({ target }) => target.looked_at_ms ?? 0,
};

function compared(sort: Sort, a: Row, b: Row): number {
  if (sort === "name") return a.target.name.localeCompare(b.target.name);
  if (sort === "release")
    return a.target.go_version.localeCompare(b.target.go_version, "en", { numeric: true });
  return NUMBERS[sort](a) - NUMBERS[sort](b);
}

export function rows(
  targets: readonly Target[],
  findings: readonly Finding[],
  { filter, sort, descending }: { filter: string; sort: Sort; descending: boolean },
): Row[] {
  const current = findings.filter(({ state }) => state !== "resolved");
  const all = targets
    .filter((target) => matches(filter, texts(target)))
    .map((target) => ({ target, findings: current.filter((finding) => concerns(finding, target)) }));
  // Rows that are equal keep one order, so that nothing jumps from look to look.
  return all.sort(
    (a, b) =>
      (descending ? compared(sort, b, a) : compared(sort, a, b)) || a.target.id.localeCompare(b.target.id),
  );
}

function texts(target: Target): (string | null)[] {
  const labels = [...target.labels].map(([key, value]) => `${key}=${value}`);
  return [
    target.name,
    target.executable,
    target.module,
    target.go_version,
    String(target.pid),
    target.user,
    ...labels,
  ];
}
