// One goroutine, and what it waits for, as docs/json.md describes `dump` and `why`.
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
  ShapeError,
  text,
} from "./decode.ts";

export const place = object({ function: text, file: text, line: nullable(count) });
export type Place = Decoded<typeof place>;

const frame = object({ function: text, file: text, line: nullable(count), inlined: flag, role: text });
export type StackFrame = Decoded<typeof frame>;

/** What is waited for; which other keys there are depends on the kind. */
export const waitObject = object({
  kind: text,
  address: nullable(text),
  direction: nullable(text),
  len: nullable(count),
  cap: nullable(count),
  closed: nullable(flag),
  locked: nullable(flag),
  waiters: nullable(count),
  counter: nullable(number),
  reader_count: nullable(number),
});
export type WaitObject = Decoded<typeof waitObject>;

const goroutine = object({
  id: count,
  address: nullable(text),
  status: text,
  wait_reason: nullable(text),
  waiting_since_ms: nullable(count),
  waiting_since_source: nullable(text),
  parent_id: nullable(count),
  created_by: nullable(place),
  entry: nullable(place),
  m: nullable(number),
  p: nullable(number),
  tid: nullable(count),
  locked_to_thread: flag,
  is_runtime: flag,
  labels: map(text),
  waiting_on: list(waitObject, 1_000),
  meaning: nullable(text),
  owner: nullable(text),
  route: nullable(text),
  pool: nullable(text),
  stack: list(frame, 10_000),
  stack_complete: flag,
  stack_state: text,
});

/** Something that could not be read, and why. */
const gap = object({ subject: text, cause: text, goroutine: nullable(count) });
export type Gap = Decoded<typeof gap>;

const dump = object({ goroutines: list(goroutine, 1), gaps: list(gap, 100_000) });

export interface Goroutine extends Decoded<typeof goroutine> {
  /** What of it could not be read. */
  readonly gaps: readonly Gap[];
}

/** The one goroutine of a dump of one. */
export const goroutineReport: Decoder<Goroutine> = (value, path) => {
  const { goroutines, gaps } = dump(value, path);
  const [first] = goroutines;
  if (!first) throw new ShapeError("goroutines", "a list of one");
  return { ...first, gaps: gaps.filter(({ goroutine }) => goroutine === first.id) };
};

const chainFields = {
  id: count,
  status: text,
  wait_reason: nullable(text),
  waiting_since_ms: nullable(count),
  at: nullable(place),
  deadlocked: flag,
  seen: nullable(text),
  cut: flag,
};
const chainItself = object(chainFields);
const waitFields = {
  object: waitObject,
  waiting: count,
  position: nullable(count),
  fires_in_ms: nullable(count),
  complete: flag,
  wakers_left_out: count,
};
const waitItself = object(waitFields);
const wakerItself = object({
  hold: text,
  probable: flag,
  frame: nullable(place),
  depth: count,
  alike: count,
});

/** A goroutine in a chain, and what it waits for. */
export interface Chain extends Decoded<typeof chainItself> {
  readonly waits: readonly Wait[];
}
/** Something that is waited for, and who could end that. */
export interface Wait extends Decoded<typeof waitItself> {
  readonly wakers: readonly Waker[];
}
export interface Waker extends Decoded<typeof wakerItself> {
  readonly goroutine: Chain;
}

/** Chains are trees: an agent that sends one deeper than this is not believed. */
const DEPTH_MAX = 200;

function chainAt(depth: number): Decoder<Chain> {
  return (value, path) => {
    if (depth > DEPTH_MAX) throw new ShapeError(path, `a chain of at most ${DEPTH_MAX}`);
    const waker: Decoder<Waker> = (inner, at) => ({
      ...wakerItself(inner, at),
      ...object({ goroutine: chainAt(depth + 1) })(inner, at),
    });
    const wait: Decoder<Wait> = (inner, at) => ({
      ...waitItself(inner, at),
      ...object({ wakers: list(waker, 10_000) })(inner, at),
    });
    return { ...chainItself(value, path), ...object({ waits: list(wait, 10_000) })(value, path) };
  };
}

const deadlock = object({ count, goroutines: list(count, 10_000), probable: flag, confirmed: flag });
export type Deadlock = Decoded<typeof deadlock>;

export const why = object({ chain: chainAt(0), deadlocks: list(deadlock, 10_000) });
export type Why = Decoded<typeof why>;
