// Which times the history can know anything of: what it cannot is not asked, since a browser calls each refusal an error.
import type { PastProcess, PastProcesses } from "../../api/history.ts";
import { type Asked, durationMs, momentMs } from "./question.ts";

/** From when to when, Unix milliseconds; without an end, up to now. */
export interface Times {
  readonly fromMs: number;
  readonly toMs: number | undefined;
}

/** Whether a process is meant by an id, a pid or a name, as `crates/agent/src/history/find.rs` has it. */
function isOf({ id, pid, name, executable, module, labels }: PastProcess, target: string): boolean {
  const last = (path: string | null) => path?.split("/").at(-1);
  const names = [id, String(pid), name, last(executable), module, last(module), labels.get("service.name")];
  return target !== "" && names.includes(target);
}

function wanted(past: PastProcesses | undefined, target: string): readonly PastProcess[] {
  return past?.processes.filter((process) => isOf(process, target)) ?? [];
}

/** From when to when there is something of a process or service; `undefined` if it is not in the list. */
export function knownTimes(past: PastProcesses | undefined, target: string): Times | undefined {
  const all = wanted(past, target);
  if (all.length === 0) return undefined;
  const goesOn = all.some(({ ended_ms }) => ended_ms === null);
  return {
    fromMs: Math.min(...all.map(({ first_seen_ms }) => first_seen_ms)),
    toMs: goesOn ? undefined : Math.max(...all.map(({ last_seen_ms }) => last_seen_ms)),
  };
}

/** Whether nobody of them was there in a time, for sure. Who is not in the list, or a list in part, says nothing. */
export function isUnknown(
  past: PastProcesses | undefined,
  target: string,
  from: number,
  to: number,
): boolean {
  const all = wanted(past, target);
  if (all.length === 0 || (past?.left_out ?? 0) > 0) return false;
  return all.every(
    ({ first_seen_ms, last_seen_ms, ended_ms }) =>
      first_seen_ms >= to || (ended_ms !== null && last_seen_ms < from),
  );
}

/** The time that is asked for, also where there is no answer. */
export function askedTimes({ since, until }: Asked, nowMs: number): { fromMs: number; toMs: number } {
  const toMs = until === undefined ? nowMs : momentMs(until);
  const fromMs = since.startsWith("@") ? momentMs(since) : toMs - (durationMs(since) ?? 0);
  return { fromMs, toMs };
}
