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
}

export function filterOf(query: URLSearchParams): FindingFilter {
  return {
    text: (query.get("q") ?? "").trim().toLowerCase(),
    state: STATE_FILTERS.find((known) => known === query.get("state")) ?? "active",
    severity: SEVERITIES.find((known) => known === query.get("severity")),
  };
}

function texts(finding: Finding): string[] {
  const causes = finding.causes.map((cause) => `${cause.function} ${cause.file}:${cause.line}`);
  const labels = [...finding.labels].map(([key, value]) => `${key}:${value}`);
  const pids = finding.targets.map(({ pid }) => `pid:${pid}`);
  return [finding.sentence, finding.kind, finding.service, ...causes, ...labels, ...pids];
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

export function chosen(findings: readonly Finding[], { text, state, severity }: FindingFilter): Finding[] {
  return findings
    .filter(
      (finding) =>
        state === "all" || (state === "active" ? finding.state !== "resolved" : finding.state === state),
    )
    .filter((finding) => severity === undefined || finding.severity === severity)
    .filter((finding) => matches(text, texts(finding)))
    .sort(compared);
}
