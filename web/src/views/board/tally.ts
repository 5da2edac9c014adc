// What findings add up to: where they are, whose code it is, how long they took. Only what findings say is counted.
import type { Cause, Finding, Severity } from "../../api/findings.ts";

/** A field of the map: an endpoint and a package. */
export interface Cell {
  readonly goroutines: number;
  readonly findings: number;
  readonly worst: Severity;
}

export interface HeatMap {
  /** Endpoints and packages, those with most goroutines first; `null` is none. */
  readonly rows: readonly (string | null)[];
  readonly columns: readonly (string | null)[];
  readonly cell: (row: string | null, column: string | null) => Cell | undefined;
  /** Findings that had no room. */
  readonly leftOut: number;
}

const ROWS_MAX = 20;
const COLUMNS_MAX = 8;
const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

function largest(findings: readonly Finding[], key: (finding: Finding) => string | null, most: number) {
  const sums = new Map<string | null, number>();
  for (const finding of findings) sums.set(key(finding), (sums.get(key(finding)) ?? 0) + finding.count);
  const names = [...sums].sort(([, a], [, b]) => b - a).map(([name]) => name);
  return names.slice(0, most);
}

const cellKey = (row: string | null, column: string | null) => JSON.stringify([row, column]);

/** One of each finding, as it was when it was largest: it may have been there several times, and is one thing. */
export function largestOfEach(findings: readonly Finding[]): Finding[] {
  const found = new Map<string, Finding>();
  for (const finding of findings) {
    const known = found.get(finding.id);
    if (!known || finding.count > known.count) found.set(finding.id, finding);
  }
  return [...found.values()];
}

export function heatMap(findings: readonly Finding[]): HeatMap {
  const all = largestOfEach(findings);
  const rows = largest(all, ({ key }) => key.route, ROWS_MAX);
  const columns = largest(all, ({ key }) => key.package, COLUMNS_MAX);
  const cells = new Map<string, Cell>();
  let leftOut = 0;
  for (const { key, count, severity } of all) {
    if (!rows.includes(key.route) || !columns.includes(key.package)) {
      leftOut += 1;
      continue;
    }
    const at = cellKey(key.route, key.package);
    const before = cells.get(at) ?? { goroutines: 0, findings: 0, worst: severity };
    cells.set(at, {
      goroutines: before.goroutines + count,
      findings: before.findings + 1,
      worst: RANK[severity] > RANK[before.worst] ? severity : before.worst,
    });
  }
  return { rows, columns, cell: (row, column) => cells.get(cellKey(row, column)), leftOut };
}

/** A function that leaked goroutines stand in, by what findings say. */
export interface Leaking {
  readonly cause: Cause;
  readonly goroutines: number;
  readonly findings: readonly string[];
  readonly services: readonly string[];
}

export function leakingFunctions(findings: readonly Finding[], most: number): Leaking[] {
  const found = new Map<
    string,
    { cause: Cause; goroutines: number; findings: string[]; services: Set<string> }
  >();
  for (const finding of largestOfEach(findings)) {
    if (finding.family !== "leak") continue;
    for (const cause of finding.causes) {
      const key = JSON.stringify([cause.function, cause.file, cause.line]);
      const known = found.get(key) ?? { cause, goroutines: 0, findings: [], services: new Set<string>() };
      known.goroutines += cause.count;
      known.findings.push(finding.id);
      known.services.add(finding.service);
      found.set(key, known);
    }
  }
  return [...found.values()]
    .sort((a, b) => b.goroutines - a.goroutines)
    .slice(0, most)
    .map((one) => ({ ...one, services: [...one.services] }));
}

/** Times in milliseconds; none without a finding to tell them from. */
export interface Times {
  readonly of: number;
  readonly mean: number;
  readonly median: number;
  readonly most: number;
}

export function timesOf(spans: readonly number[]): Times | undefined {
  const sorted = spans.filter((ms) => ms >= 0).sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) return undefined;
  const sum = sorted.reduce((all, ms) => all + ms, 0);
  return {
    of: sorted.length,
    mean: sum / sorted.length,
    median: (low + high) / 2,
    most: sorted.at(-1) ?? high,
  };
}

/** From first seen to firing, each time that it was there. What is pending has not been detected, so far. */
export function detectionTimes(findings: readonly Finding[]): Times | undefined {
  return timesOf(
    findings.flatMap(({ began_unix_ms, fired_unix_ms }) =>
      fired_unix_ms === null ? [] : [fired_unix_ms - began_unix_ms],
    ),
  );
}

/** From firing to resolved, each time. When some were resolved nobody saw: they are not counted. */
export function resolutionTimes(findings: readonly Finding[]): Times | undefined {
  return timesOf(
    findings.flatMap(({ state, resolved_at_unix_ms, fired_unix_ms }) =>
      state !== "resolved" || resolved_at_unix_ms === null || fired_unix_ms === null
        ? []
        : [resolved_at_unix_ms - fired_unix_ms],
    ),
  );
}
