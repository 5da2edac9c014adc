// What leaks, as docs/json.md describes `leaks`.
import { count, type Decoded, list, nullable, number, object, text } from "./decode.ts";
import { place, waitObject } from "./goroutine.ts";

const leak = object({
  verdict: text,
  goroutines: list(count, 1_000_000),
  wait_reason: nullable(text),
  score: nullable(number),
  boundary: nullable(text),
  retained_bytes: nullable(count),
  made_at: nullable(place),
  evidence: list(text, 1_000),
  sentence: text,
  fix: nullable(text),
  count,
  longest_wait_ms: nullable(count),
  title: nullable(text),
  object: nullable(waitObject),
  fingerprint: nullable(text),
  created_by: nullable(place),
  stack: list(place, 10_000),
});
export type Leak = Decoded<typeof leak>;

const healthy = object({ count, meaning: nullable(text), reason: text });
const pathology = object({ kind: text, evidence: text, fix: nullable(text) });

export const leakReport = object({
  leaks: list(leak, 10_000),
  candidates: count,
  kept_by_words: list(count, 1_000_000),
  passes: count,
  at_rest_us: nullable(count),
  frozen_us: nullable(count),
  doubts: list(text, 1_000),
  healthy: list(healthy, 10_000),
  pathologies: list(pathology, 10_000),
});
export type LeakReport = Decoded<typeof leakReport>;
