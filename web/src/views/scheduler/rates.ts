// How fast the runtime's counters grow, from tick to tick.
import { useRef } from "preact/hooks";
import type { Tick } from "../../live/messages.ts";

/** Counters have 32 bits and wrap. */
function grown(before: number, after: number): number {
  return (after - before) >>> 0;
}

export interface Rates {
  readonly decisions: number;
  readonly calls: number;
}

interface Remembered {
  readonly atMs: number;
  readonly number: number;
  readonly counters: ReadonlyMap<number, readonly [number, number]>;
  readonly rates: ReadonlyMap<number, Rates>;
}

/** Rates per second by P; empty until the second tick. */
export function useRates(tick: Tick): ReadonlyMap<number, Rates> {
  const last = useRef<Remembered>(undefined);
  const before = last.current;
  if (before?.number === tick.number) return before.rates;
  const seconds = before ? (tick.atUnixMs - before.atMs) / 1_000 : 0;
  const rates = new Map<number, Rates>();
  const counters = new Map<number, readonly [number, number]>();
  for (const { id, sched_tick: decisions, syscall_tick: calls } of tick.scheduler?.processors ?? []) {
    counters.set(id, [decisions, calls]);
    const was = before?.counters.get(id);
    if (!was || seconds <= 0) continue;
    rates.set(id, { decisions: grown(was[0], decisions) / seconds, calls: grown(was[1], calls) / seconds });
  }
  last.current = { atMs: tick.atUnixMs, number: tick.number, counters, rates };
  return rates;
}
