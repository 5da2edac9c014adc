// The time, as the agent has it: ages are told right also where this machine's clock is wrong.
import { signal } from "@preact/signals";

/** A `Date` header has whole seconds and was on its way: smaller differences mean nothing. */
const SKEW_NOTED_MS = 3_000;

let skewMs = 0;

/** Now, Unix milliseconds by the agent's clock; moves once a second while the page is seen. */
export const now = signal(Date.now());

/** Learns the agent's time from an answer's `Date`. */
export function noteAgentTime(date: string | null): void {
  const agentMs = date === null ? Number.NaN : Date.parse(date);
  if (!Number.isFinite(agentMs)) return;
  const difference = agentMs - Date.now();
  skewMs = Math.abs(difference) > SKEW_NOTED_MS ? difference : 0;
}

/** The agent's time at this moment. */
export function agentNow(): number {
  return Date.now() + skewMs;
}

/** Starts the ticking of {@link now}. */
export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) now.value = agentNow();
  }, 1_000);
}
