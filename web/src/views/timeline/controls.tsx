// What the time line shows: who, by what, when, how many, compared with what.
import type { ComponentChildren } from "preact";
import { words } from "../../i18n/language.ts";
import { Segments } from "../../parts/segments.tsx";
import { agentNow } from "../../polling/clock.ts";
import { change } from "../../router/place.ts";
import { type Asked, BYS, COMPARES, durationMs, momentMs, momentWord, SPANS, TOPS } from "./question.ts";
import { TargetChoice } from "./target_choice.tsx";

function Field({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is what is put into it.
    <label class="field">
      <span>{name}</span>
      {children}
    </label>
  );
}

/** As `<input type="datetime-local">` has it: local time, without a zone. */
function localText(ms: number): string {
  const date = new Date(ms);
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** The form for any range, also for those who cannot drag. */
function CustomRange({ asked }: { asked: Asked }) {
  const { timeline } = words.value;
  const nowMs = agentNow();
  const from = asked.since.startsWith("@") ? momentMs(asked.since) : nowMs - (durationMs(asked.since) ?? 0);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget as HTMLFormElement);
    const [since, until] = [Date.parse(String(said.get("from"))), Date.parse(String(said.get("until")))];
    if (Number.isNaN(since)) return;
    const ends = !Number.isNaN(until) && until > since;
    change({ since: momentWord(since), until: ends ? momentWord(until) : undefined });
  };
  return (
    <details class="custom-range">
      <summary>{timeline.custom}</summary>
      <form method="get" onSubmit={submit}>
        <Field name={timeline.from}>
          <input name="from" type="datetime-local" step="1" required defaultValue={localText(from)} />
        </Field>
        <Field name={timeline.until}>
          <input
            name="until"
            type="datetime-local"
            step="1"
            defaultValue={asked.until === undefined ? "" : localText(momentMs(asked.until))}
          />
        </Field>
        <button type="submit">{timeline.show}</button>
      </form>
    </details>
  );
}

export function Controls({ asked }: { asked: Asked }) {
  const { timeline } = words.value;
  const range = asked.until === undefined ? asked.since : "";
  return (
    <div class="controls">
      <TargetChoice target={asked.target} />
      <Segments
        name={timeline.by}
        value={asked.by}
        options={BYS.map((by) => [by, timeline.bys[by]])}
        onChoose={(by) => change({ by })}
      />
      <Segments
        name={timeline.range}
        value={range}
        options={SPANS.map((word) => [word, word])}
        onChoose={(since) => change({ since, until: undefined })}
      />
      <CustomRange key={`${asked.since} ${asked.until}`} asked={asked} />
      <Field name={timeline.top}>
        <select value={asked.top} onChange={(event) => change({ top: event.currentTarget.value })}>
          {TOPS.map((top) => (
            <option key={top} value={top}>
              {top}
            </option>
          ))}
        </select>
      </Field>
      <Field name={timeline.compare}>
        <select value={asked.compare} onChange={(event) => change({ compare: event.currentTarget.value })}>
          {COMPARES.map((compare) => (
            <option key={compare} value={compare}>
              {timeline.compares[compare]}
            </option>
          ))}
        </select>
      </Field>
    </div>
  );
}
