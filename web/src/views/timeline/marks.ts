// What happened to the processes of an answer, as far as the answer tells: starts, new versions, ends.
import type { HistoryAnswer, PastProcess } from "../../api/history.ts";
import type { Mark } from "../../charts/chart_paint.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";

/** Whether this process brought another version of a program that ran before it. */
function isDeploy(process: PastProcess, earlier: readonly PastProcess[]): boolean {
  const before = earlier.filter(({ name }) => name === process.name).at(-1);
  return before !== undefined && before.module_version !== process.module_version;
}

/** In the order in which it happened. The history calls a process seen, not started, and so do we. */
export function marksOf(answer: HistoryAnswer): Mark[] {
  const { timeline } = words.value;
  const processes = [...answer.processes].sort((a, b) => a.first_seen_ms - b.first_seen_ms);
  const found = processes.flatMap((process, index): Mark[] => {
    const who = `${printable(process.name)} ${process.pid}`;
    const deployed = isDeploy(process, processes.slice(0, index));
    const version = printable(process.module_version ?? "");
    const began = {
      at_ms: process.first_seen_ms,
      text: deployed && version ? timeline.deployed(who, version) : timeline.seen(who),
    };
    if (process.ended_ms === null) return [began];
    return [began, { at_ms: process.ended_ms, text: timeline.ended(who, printable(process.ended ?? "")) }];
  });
  return found
    .filter(({ at_ms }) => at_ms >= answer.since_ms && at_ms <= answer.until_ms)
    .sort((a, b) => a.at_ms - b.at_ms);
}
