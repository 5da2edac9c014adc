// Which findings are shown, and in which order.
import type { Finding, Severity, State } from "../../api/findings.ts";
import { matches } from "../../parts/filter_field.tsx";

export type StateFilter = "active" | "all" | State;
export const STATE_FILTERS: readonly StateFilter[] = ["active", "firing", "pending", "resolved", "all"];
export const SEVERITIES: readonly Severity[] = ["critical", "warning", "info"];

export interface FindingFilter {
  readonly text: string;
  readonly state: StateFilter;
  readonly severity: Severity | undefined;
  /** What a finding must be of, exactly: where a link leads here, it means that and nothing like it. */
  readonly only: readonly { readonly part: Part; readonly value: string }[];
}

export const PARTS = ["pid", "route", "package", "function"] as const;
export type Part = (typeof PARTS)[number];

function has(finding: Finding, part: Part, value: string): boolean {
  if (part === "pid") return finding.targets.some(({ pid }) => String(pid) === value);
  if (part === "function") return finding.causes.some((cause) => cause.function === value);
  return finding.key[part] === value;
}

export function filterOf(query: URLSearchParams): FindingFilter {
  return {
    text: (query.get("q") ?? "").trim().toLowerCase(),
    state: STATE_FILTERS.find((known) => known === query.get("state")) ?? "active",
    severity: SEVERITIES.find((known) => known === query.get("severity")),
    only: PARTS.flatMap((part) => {
      const value = query.get(part);
      return value === null ? [] : [{ part, value }];
    }),
  };
}

function texts(finding: Finding): string[] {
  const causes = finding.causes.map((cause) => `${cause.function} ${cause.file}:${cause.line}`);
  const labels = [...finding.labels].map(([key, value]) => `${key}:${value}`);
  return [finding.sentence, finding.kind, finding.service, ...causes, ...labels];
}

const STATE_ORDER: Readonly<Record<State, number>> = { firing: 0, pending: 1, resolved: 2 };

/** What is worst comes first, then what has most goroutines; equal ones keep one order. */
function compared(a: Finding, b: Finding): number {
  return (
    STATE_ORDER[a.state] - STATE_ORDER[b.state] ||
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    b.count - a.count ||
    a.id.localeCompare(b.id)
  );
}

export function chosen(
  findings: readonly Finding[],
  { text, state, severity, only }: FindingFilter,
): Finding[] {
  return findings
    .filter(
      (finding) =>
        state === "all" || (state === "active" ? finding.state !== "resolved" : finding.state === state),
    )
    .filter((finding) => severity === undefined || finding.severity === severity)
    .filter((finding) => only.every(({ part, value }) => has(finding, part, value)))
    .filter((finding) => matches(text, texts(finding)))
    .sort(compared);
}

/** Whether this is what is shown when nothing was filtered for. */
export function isDefault({ text, state, severity, only }: FindingFilter): boolean {
  return text === "" && state === "active" && severity === undefined && only.length === 0;
}
