// What a frame says besides its rows, by the serde names of crates/live-frames/src/head.rs and crates/snapshot.
//
// Checked as strictly as the Rust side does: a missing key or a number out of its range refuses the whole frame.
import {
  type Decoded,
  type Decoder,
  flag,
  list,
  nullable,
  number,
  object,
  ShapeError,
  text,
} from "../../api/decode.ts";

function integer(min: number, max: number): Decoder<number> {
  return (value, path) => {
    const plain = number(value, path);
    if (!Number.isInteger(plain) || plain < min || plain > max)
      throw new ShapeError(path, "a whole number in its range");
    return plain;
  };
}

export const u32 = integer(0, 0xffff_ffff);
export const i32 = integer(-0x8000_0000, 0x7fff_ffff);
/** Numbers of 64 bits may be rounded: nothing that the page computes with comes near 2^53. */
const u64 = integer(0, 2 ** 64);
const i64 = integer(-(2 ** 63), 2 ** 63);

const LIST_MAX = 1 << 20;

const pair: Decoder<readonly [string, string]> = (value, path) => {
  if (!Array.isArray(value) || value.length !== 2) throw new ShapeError(path, "a key and a value");
  return [text(value[0], path), text(value[1], path)];
};

const cohort = object({
  cohort: u32,
  status: text,
  reason: nullable(text),
  stack: list(u32, 4_096),
  missing: nullable(text),
  labels: list(pair, 1_000),
  created_by: nullable(u32),
  entry: nullable(u32),
  is_runtime: flag,
  locked_to_thread: flag,
});
/** What goroutines have in common that do the same. */
export type Cohort = Decoded<typeof cohort>;

const place = object({ frame: u32, function: text, file: text, line: u32 });
/** A place in code; line 0 is unknown. */
export type CodePlace = Decoded<typeof place>;

/** `Idle`, or `{"Unknown": 9}`: as serde writes an enum. */
const processorStatus: Decoder<string> = (value, path) => {
  if (typeof value === "string") return value.toLowerCase();
  if (typeof value === "object" && value !== null && "Unknown" in value)
    return `unknown (${u32(value.Unknown, path)})`;
  throw new ShapeError(path, "a status of a P");
};

const processor = object({
  id: i32,
  status: processorStatus,
  run_queue: u32,
  run_next: flag,
  sched_tick: u32,
  syscall_tick: u32,
  m: nullable(i64),
  free_goroutines: nullable(u32),
  timers: nullable(u64),
});
/** One P. */
export type Processor = Decoded<typeof processor>;

const thread = object({ name: text, state: text, cpu_ns: u64, cgroup: nullable(text) });

const machine = object({
  id: i64,
  tid: u32,
  goroutine: nullable(u64),
  p: nullable(i32),
  spinning: flag,
  blocked: flag,
  in_cgo: flag,
  locked_goroutine: nullable(u64),
  preempt_off: nullable(text),
  dying: nullable(i32),
  thread: nullable(thread),
});
/** One M: a thread of the runtime. */
export type Machine = Decoded<typeof machine>;

const scheduler = object({
  processors: list(processor, 65_536),
  machines: list(machine, 65_536),
  idle_processors: u32,
  idle_machines: u32,
  idle_locked_machines: nullable(u32),
  spinning_machines: u32,
  machine_count: nullable(u64),
  global_run_queue: u32,
  gc_waiting: flag,
  stop_wait: nullable(i32),
  sysmon_waiting: nullable(flag),
  goroutines_created: nullable(u64),
});
/** Ps, Ms and queues. */
export type Scheduler = Decoded<typeof scheduler>;

const gap = object({ subject: text, cause: text, count: u64 });
/** Something that could not be read. */
export type Gap = Decoded<typeof gap>;

const cost = object({ total_us: u64, bytes_read: u64, torn: u64, known: u64 });

export const head = object({
  number: u64,
  at_unix_ms: u64,
  at_monotonic_ms: number,
  places: u32,
  cohorts: list(cohort, LIST_MAX),
  frames: list(place, LIST_MAX),
  scheduler: nullable(scheduler),
  cost,
  gaps: list(gap, LIST_MAX),
});
export type Head = Decoded<typeof head>;
