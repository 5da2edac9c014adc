// Answers as the agent gives them, for tests.
import { type Finding, findings } from "../src/api/findings.ts";
import { type HistoryAnswer, historyAnswer } from "../src/api/history.ts";

export const HOSTILE = "<img src=x onerror=alert(1)>";

export function targetJson(changes: object = {}) {
  return {
    id: "42-7",
    pid: 42,
    name: "shop",
    executable: "/srv/shop",
    go_version: "go1.27.4",
    module: "example.com/shop",
    module_version: "v1.2.3",
    user: "shop",
    container: null,
    labels: { "service.name": "shop" },
    enabled: true,
    collect: "stacks",
    collect_wanted: "stacks",
    interval_ms: 5000,
    interval_wanted_ms: 5000,
    breaker: "closed",
    looks: 10,
    failed: 0,
    timed_out: 0,
    missed: 0,
    looked_at_ms: 1_700_000_000_000,
    goroutines: 12,
    cpu_us: 5000,
    error: null,
    ...changes,
  };
}

export function findingJson(changes: object = {}) {
  return {
    state: "firing",
    began_unix_ms: 1_700_000_000_000,
    fired_unix_ms: 1_700_000_030_000,
    last_seen_unix_ms: 1_700_000_060_000,
    silenced_by: null,
    id: "df0b43534798299f",
    family: "leak",
    kind: "leak_proven",
    severity: "critical",
    service: "shop",
    environment: "production",
    key: { package: "example.com/shop/handlers", route: "/report", pool: null },
    sentence: "12 goroutines can never run again.",
    evidence: ["nothing that can run reaches them"],
    fix: "close the channel",
    causes: [{ function: "main.leak", file: "main.go", line: 7, count: 12, share: 1 }],
    causes_more: 0,
    count: 12,
    count_max: 15,
    per_minute: 3.5,
    targets: [
      {
        pid: 42,
        started_unix_ms: null,
        executable: "/srv/shop",
        module: null,
        service: "shop",
        version: null,
        environment: null,
        container: null,
        pod: null,
        node: null,
      },
    ],
    targets_total: 1,
    first_seen_unix_ms: 1_700_000_000_000,
    firing_since_unix_ms: 1_700_000_030_000,
    resolved_at_unix_ms: null,
    labels: { service: "shop", finding: "df0b43534798299f" },
    link: null,
    is_test: false,
    ...changes,
  };
}

export function aFinding(changes: object = {}): Finding {
  const all = findings({ findings: [findingJson(changes)], past: null, silences: [], sinks: [] }, "");
  const [one] = all.findings;
  if (!one) throw new Error("no finding");
  return one;
}

/** A history of these series; `null` is a value that is not known, and a slot in which all are is a gap. */
export function aHistory(
  series: Record<string, (number | null)[]>,
  kind = "state",
  start_ms = 0,
): HistoryAnswer {
  const columns = Object.values(series);
  const length = columns[0]?.length ?? 0;
  const step_ms = 1_000;
  const slots = Array.from({ length }, (_, index) => ({
    start_ms: start_ms + index * step_ms,
    looks: columns.every((column) => column[index] === null) ? 0 : 1,
    counts_only: 0,
    unread: 0,
  }));
  const one = (name: string, column: (number | null)[]) => {
    const known = column.filter((value) => value !== null);
    return {
      kind,
      name,
      stack: null,
      last: known.at(-1) ?? null,
      min: null,
      max: null,
      mean: known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : null,
      change: null,
      values: column.map((last) => (last === null ? null : { last, mean: last, min: last, max: last })),
    };
  };
  const answer = {
    processes: [],
    since_ms: start_ms,
    until_ms: start_ms + length * step_ms,
    by: kind,
    level: "looks",
    step_ms,
    slots,
    series: Object.entries(series).map(([name, column]) => one(name, column)),
    series_total: columns.length,
    gaps: [],
  };
  return historyAnswer(answer, "");
}
