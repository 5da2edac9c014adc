// What happened to the processes of an answer and to their machine: what the history has marked, and when processes came
// and went.
import type { HistoryAnswer, HistoryMark, PastProcess } from "../../api/history.ts";
import type { Mark, MarkKind } from "../../charts/chart_paint.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";

const KINDS: Readonly<Record<string, MarkKind>> = {
  deploy: "deploy",
  note: "note",
  exec: "exec",
  agent_start: "agent",
  agent_stop: "agent",
  clock_set_back: "clock",
};
/** Ends of processes; other records end as nobody looks any more. Who executed another program has a mark that says so. */
const ENDS: readonly string[] = ["exited", "executed"];

/** The history calls a process seen, not started, and so do we. */
function lifeOf(process: PastProcess): Mark[] {
  const { timeline } = words.value;
  const version = process.module_version ? ` ${printable(process.module_version)}` : "";
  const who = `${printable(process.name)}${version} ${process.pid}`;
  const began: Mark = { at_ms: process.first_seen_ms, kind: "start", text: timeline.seen(who) };
  if (process.ended_ms === null || process.ended === "executed") return [began];
  const kind = ENDS.includes(process.ended ?? "") ? "end" : "agent";
  const text = timeline.ended(who, printable(process.ended ?? ""));
  return [began, { at_ms: process.ended_ms, kind, text }];
}

function marked({ at_ms, kind, text, service }: HistoryMark): Mark {
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  // Deploys that the agent has seen begin with the service that they are of.
  const isNamed = service === null || text.startsWith(service);
  return { at_ms, kind: known ?? "note", text: printable(isNamed ? text : `${service}: ${text}`) };
}

/** In the order in which it happened. */
export function marksOf(answer: HistoryAnswer, happened: readonly HistoryMark[]): Mark[] {
  return [...answer.processes.flatMap(lifeOf), ...happened.map(marked)]
    .filter(({ at_ms }) => at_ms >= answer.since_ms && at_ms <= answer.until_ms)
    .sort((a, b) => a.at_ms - b.at_ms);
}
