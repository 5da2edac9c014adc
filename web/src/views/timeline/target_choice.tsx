// Which process or service the time line is of: whatever the history knows.
import type { PastProcess } from "../../api/history.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { processesSource, targetsSource, useSource } from "../../polling/sources.ts";
import { change } from "../../router/place.ts";

function services(processes: readonly PastProcess[]): string[] {
  const names = processes.map((process) => process.labels.get("service.name") ?? process.name);
  return [...new Set(names)].sort((a, b) => a.localeCompare(b));
}

function Options({ label, processes }: { label: string; processes: readonly PastProcess[] }) {
  if (processes.length === 0) return null;
  return (
    <optgroup label={label}>
      {processes.map(({ id, name, pid }) => (
        <option key={id} value={id}>
          {printable(name)} {pid}
        </option>
      ))}
    </optgroup>
  );
}

export function TargetChoice({ target }: { target: string }) {
  const { timeline } = words.value;
  const past = useSource(processesSource).data?.processes ?? [];
  const alive = new Set(useSource(targetsSource).data?.map(({ id }) => id));
  const names = services(past);
  const isKnown = target === "" || names.includes(target) || past.some(({ id }) => id === target);
  return (
    <label class="field">
      <span>{timeline.target}</span>
      <select value={target} onChange={(event) => change({ target: event.currentTarget.value })}>
        {target === "" && <option value="">{timeline.choose}</option>}
        {!isKnown && <option value={target}>{printable(target)}</option>}
        <optgroup label={timeline.services}>
          {names.map((name) => (
            <option key={name} value={name}>
              {printable(name)}
            </option>
          ))}
        </optgroup>
        <Options label={timeline.alive} processes={past.filter(({ id }) => alive.has(id))} />
        <Options label={timeline.past} processes={past.filter(({ id }) => !alive.has(id))} />
      </select>
    </label>
  );
}
