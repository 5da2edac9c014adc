// Threads: those that do something, then those that sleep.
import { UNKNOWN } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import type { Machine, Scheduler } from "../../live/wire/head.ts";
import { GoroutineLink } from "./processors.tsx";

type State = "running" | "cgo" | "spinning" | "blocked" | "spare" | "other";

function stateOf(machine: Machine): State {
  if (machine.tid === 0) return "spare";
  if (machine.in_cgo) return "cgo";
  if (machine.spinning) return "spinning";
  if (machine.blocked) return "blocked";
  return machine.p !== null && machine.goroutine !== null ? "running" : "other";
}

function Rows({ machines, target }: { machines: readonly Machine[]; target: string }) {
  const { scheduler } = words.value.live;
  const { columns } = scheduler;
  return (
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th scope="col">{columns.m}</th>
            <th scope="col">{columns.tid}</th>
            <th scope="col">{columns.doing}</th>
            <th scope="col" class="number">
              {columns.p}
            </th>
            <th scope="col" class="number">
              {columns.runs}
            </th>
            <th scope="col" />
          </tr>
        </thead>
        <tbody>
          {machines.map((machine) => (
            <tr key={machine.id}>
              <th scope="row">{machine.id}</th>
              <td>
                {machine.tid || UNKNOWN}
                {machine.thread && <span class="dim"> {printable(machine.thread.name)}</span>}
              </td>
              <td>
                <span class={`m-state ${stateOf(machine)}`}>{scheduler.states[stateOf(machine)]}</span>
                {machine.preempt_off && <span class="dim"> {printable(machine.preempt_off)}</span>}
              </td>
              <td class="number">{machine.p ?? <span class="dim">{UNKNOWN}</span>}</td>
              <td class="number">
                <GoroutineLink target={target} id={machine.goroutine} />
              </td>
              <td>
                {machine.locked_goroutine !== null && (
                  <span class="dim locked-to">
                    {scheduler.lockedTo} <GoroutineLink target={target} id={machine.locked_goroutine} />
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Machines({ scheduler, target }: { scheduler: Scheduler; target: string }) {
  const { live } = words.value;
  const isAsleep = (machine: Machine) => stateOf(machine) === "blocked" && machine.locked_goroutine === null;
  const awake = scheduler.machines.filter((machine) => !isAsleep(machine));
  const asleep = scheduler.machines.filter(isAsleep);
  return (
    <section>
      <h2>{live.scheduler.ms}</h2>
      {awake.length > 0 && <Rows machines={awake} target={target} />}
      {asleep.length > 0 && (
        <details class="asleep" open={asleep.length < 8}>
          <summary class="dim">{live.scheduler.sleeping(String(asleep.length))}</summary>
          <Rows machines={asleep} target={target} />
        </details>
      )}
    </section>
  );
}
