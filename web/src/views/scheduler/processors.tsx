// Ps: what each does, its queue, and how busy it is.
import { decimal, UNKNOWN } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import type { Tick } from "../../live/messages.ts";
import type { Scheduler } from "../../live/wire/head.ts";
import { targetAddress } from "../live/target_head.tsx";
import { type Rates, useRates } from "./rates.ts";

/** What a P's own queue can hold. */
const QUEUE_MAX = 256;

export function GoroutineLink({ target, id }: { target: string; id: number | null }) {
  if (id === null || id === 0) return <span class="dim">{UNKNOWN}</span>;
  return <a href={targetAddress(target, `/goroutines/${id}`)}>{id}</a>;
}

function Queue({ length, hasNext }: { length: number; hasNext: boolean }) {
  const { scheduler } = words.value.live;
  // A queue of one is to be seen, and a full one is not to be twice as loud as a half-full one.
  const share = Math.sqrt(length / QUEUE_MAX);
  return (
    <span class="queue" title={scheduler.of(String(length))}>
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect class="queue-room" width="100" height="8" />
        <rect class="queue-filled" width={share * 100} height="8" />
      </svg>
      <span>
        {length}
        {hasNext && <span class="dim"> {scheduler.next}</span>}
      </span>
    </span>
  );
}

interface ProcessorsProps {
  readonly tick: Tick;
  readonly scheduler: Scheduler;
  readonly target: string;
}

export function Processors({ tick, scheduler, target }: ProcessorsProps) {
  const { live } = words.value;
  const { columns } = live.scheduler;
  const rates = useRates(tick);
  const machines = new Map(scheduler.machines.map((machine) => [machine.id, machine]));
  const rate = (id: number, of: keyof Rates) => decimal(rates.get(id)?.[of]);
  return (
    <section>
      <h2>{live.scheduler.ps}</h2>
      <div class="wide">
        <table class="processors">
          <thead>
            <tr>
              <th scope="col">{columns.p}</th>
              <th scope="col">{columns.status}</th>
              <th scope="col" class="number">
                {columns.runs}
              </th>
              <th scope="col">{columns.queue}</th>
              <th scope="col" class="number">
                {columns.ticks}
              </th>
              <th scope="col" class="number">
                {columns.syscalls}
              </th>
              <th scope="col" class="number">
                {columns.m}
              </th>
            </tr>
          </thead>
          <tbody>
            {scheduler.processors.map((p) => (
              <tr key={p.id}>
                <th scope="row">P{p.id}</th>
                <td>
                  <span class={`p-status ${p.status}`}>{p.status}</span>
                </td>
                <td class="number">
                  <GoroutineLink target={target} id={machines.get(p.m ?? -1)?.goroutine ?? null} />
                </td>
                <td>
                  <Queue length={p.run_queue} hasNext={p.run_next} />
                </td>
                <td class="number">{rate(p.id, "decisions")}</td>
                <td class="number">{rate(p.id, "calls")}</td>
                <td class="number">{p.m ?? UNKNOWN}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
