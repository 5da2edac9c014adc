// What is kept quiet, until when and why; and who is told of the rest.
import { useState } from "preact/hooks";
import { api } from "../../api/client.ts";
import type { Silence, Sink } from "../../api/findings.ts";
import { moment, span, whole } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { Said } from "../../parts/said.tsx";
import { now } from "../../polling/clock.ts";
import { poller } from "../../polling/sources.ts";

function Line({ silence }: { silence: Silence }) {
  const { findings } = words.value;
  const [trouble, setTrouble] = useState<string>();
  const end = async () => {
    try {
      await api.endSilence(silence.id);
      poller.refresh("findings");
    } catch (error) {
      setTrouble(printable(error instanceof Error ? error.message : String(error)));
    }
  };
  const condition = silence.matchers.map(
    ({ label, negated, pattern }) => `${label}${negated ? "≠" : "="}${pattern}`,
  );
  return (
    <li>
      <code>{printable(condition.join(" "))}</code>
      <span class="dim small" title={moment(silence.ends_unix_ms)}>
        {findings.ends(span(silence.ends_unix_ms - now.value))}
        {silence.author && ` · ${printable(silence.author)}`} · {printable(silence.comment)}
      </span>
      <button type="button" class="quiet" onClick={end}>
        {findings.end}
      </button>
      <span role="alert" class="trouble">
        {trouble}
      </span>
    </li>
  );
}

export function Silences({ silences }: { silences: readonly Silence[] }) {
  const current = silences.filter(({ ends_unix_ms }) => ends_unix_ms > now.value);
  if (current.length === 0) return null;
  return (
    <section class="below">
      <h2>{words.value.findings.silences}</h2>
      <ul class="plain">
        {current.map((silence) => (
          <Line key={silence.id} silence={silence} />
        ))}
      </ul>
    </section>
  );
}

export function Receivers({ sinks }: { sinks: readonly Sink[] }) {
  const { findings } = words.value;
  if (sinks.length === 0) return null;
  return (
    <section class="below">
      <h2>{findings.receivers}</h2>
      <ul class="plain">
        {sinks.map((sink) => (
          <li key={sink.name}>
            {printable(sink.name)} <span class="dim">{printable(sink.sink_type)}</span>{" "}
            <span class="dim small">
              {findings.receiver(whole(sink.sent), whole(sink.failed), whole(sink.waiting))}
            </span>
            {sink.last_error && (
              <div class="trouble small">
                <Said>{sink.last_error}</Said>
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
