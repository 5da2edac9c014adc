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

export const findings = object({
  findings: list(finding, 10_000),
  silences: list(silence, 10_000),
  sinks: list(sink, 1_000),
});
export type Findings = Decoded<typeof findings>;

/** A silence to be made. */
export interface NewSilence {
  readonly matchers: readonly { label: string; pattern: string }[];
  readonly ends_unix_ms: number;
  readonly comment: string;
  readonly author: string;
}

export const silenced = object({ id: count });
