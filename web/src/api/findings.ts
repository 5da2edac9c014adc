// What is wrong, as `/api/v1/findings` says it. Times are Unix milliseconds.
import {
  count,
  type Decoded,
  type Decoder,
  flag,
  list,
  map,
  nullable,
  number,
  object,
  text,
  word,
} from "./decode.ts";

const pathology = object({ pathology: text });

/** `"leak"`, or `{"pathology": "mutex_pile_up"}`: the name in both. */
const named: Decoder<string> = (value, path) =>
  typeof value === "string" ? text(value, path) : pathology(value, path).pathology;

const cause = object({ function: text, file: text, line: count, count, share: number });
export type Cause = Decoded<typeof cause>;

const targetTags = object({
  pid: count,
  started_unix_ms: nullable(count),
  executable: text,
  module: nullable(text),
  service: nullable(text),
  version: nullable(text),
  environment: nullable(text),
  container: nullable(text),
  pod: nullable(text),
  node: nullable(text),
});
export type TargetTags = Decoded<typeof targetTags>;

export const finding = object({
  state: word("pending", "firing", "resolved"),
  began_unix_ms: count,
  fired_unix_ms: nullable(count),
  last_seen_unix_ms: count,
  silenced_by: nullable(count),
  id: text,
  family: named,
  kind: named,
  severity: word("info", "warning", "critical"),
  service: text,
  environment: nullable(text),
  key: object({ package: nullable(text), route: nullable(text), pool: nullable(text) }),
  sentence: text,
  evidence: list(text, 1_000),
  fix: nullable(text),
  causes: list(cause, 1_000),
  causes_more: count,
  count,
  count_max: count,
  per_minute: nullable(number),
  targets: list(targetTags, 10_000),
  targets_total: count,
  first_seen_unix_ms: count,
  firing_since_unix_ms: count,
  resolved_at_unix_ms: nullable(count),
  labels: map(text),
  is_test: flag,
});
export type Finding = Decoded<typeof finding>;
export type Severity = Finding["severity"];
export type State = Finding["state"];

const matcher = object({ label: text, pattern: text, negated: flag });

const silence = object({
  id: count,
  matchers: list(matcher, 100),
  ends_unix_ms: count,
  comment: text,
  author: text,
});
export type Silence = Decoded<typeof silence>;

const sink = object({
  name: text,
  sink_type: text,
  sent: count,
  failed: count,
  retried: count,
  dropped: count,
  waiting: count,
  last_error: nullable(text),
});
export type Sink = Decoded<typeof sink>;

const past = object({
  since_ms: count,
  until_ms: count,
  reaches_back_to_ms: nullable(count),
  left_out: count,
});
/** What a list of findings of a span is of. */
export type FindingsPast = Decoded<typeof past>;

export const findings = object({
  findings: list(finding, 10_000),
  past: nullable(past),
  silences: list(silence, 10_000),
  sinks: list(sink, 1_000),
});
export type Findings = Decoded<typeof findings>;

/** How far back findings may be asked for. */
export const FINDING_SPANS = ["24h", "7d", "30d", "all"] as const;
export type FindingSpan = (typeof FINDING_SPANS)[number];

/** The span that an address asks for, if it asks for one that there is. */
export function spanOf(query: URLSearchParams): FindingSpan | undefined {
  return FINDING_SPANS.find((known) => known === query.get("since"));
}

/** Where findings are asked for: those of now, or with those that are over since then. */
export function findingsPath(since?: FindingSpan): string {
  if (since === undefined) return "/api/v1/findings";
  return `/api/v1/findings?since=${since === "all" ? "@0" : since}`;
}

/** A silence to be made. */
export interface NewSilence {
  readonly matchers: readonly { label: string; pattern: string }[];
  readonly ends_unix_ms: number;
  readonly comment: string;
  readonly author: string;
}

export const silenced = object({ id: count });
