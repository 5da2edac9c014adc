// Targets and the agent's health, as `/api/v1/targets` and `/api/v1/health` say them. Times are Unix milliseconds.
import { count, type Decoded, flag, list, map, nullable, object, text } from "./decode.ts";

export const health = object({
  ready: flag,
  problems: list(text, 1_000),
  version: text,
  targets: count,
  refused: count,
  left: count,
});
export type Health = Decoded<typeof health>;

export const target = object({
  id: text,
  pid: count,
  name: text,
  executable: text,
  go_version: text,
  module: nullable(text),
  module_version: nullable(text),
  user: nullable(text),
  container: nullable(text),
  labels: map(text),
  enabled: flag,
  collect: text,
  collect_wanted: text,
  interval_ms: count,
  interval_wanted_ms: count,
  breaker: text,
  looks: count,
  failed: count,
  timed_out: count,
  missed: count,
  looked_at_ms: nullable(count),
  goroutines: nullable(count),
  cpu_us: count,
  error: nullable(text),
});
export type Target = Decoded<typeof target>;

export const targets = object({ targets: list(target, 20_000) });
