// Silencing a finding, and what else has its labels.
import { useState } from "preact/hooks";
import { api } from "../../api/client.ts";
import type { Finding } from "../../api/findings.ts";
import { span } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { agentNow } from "../../polling/clock.ts";
import { poller } from "../../polling/sources.ts";

const HOUR_MS = 3_600_000;
const TIMES_MS = [HOUR_MS, 4 * HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS];

/** Labels as patterns: a star in a value stands for anything there, which still matches the value itself. */
function matchers(finding: Finding, said: FormData) {
  const wanted = new Set(said.getAll("label"));
  return [...finding.labels]
    .filter(([label]) => wanted.has(label))
    .map(([label, pattern]) => ({ label, pattern }));
}

interface SilenceDialogProps {
  readonly finding: Finding;
  readonly onClose: () => void;
}

export function SilenceDialog({ finding, onClose }: SilenceDialogProps) {
  const { silence, says } = words.value;
  const [trouble, setTrouble] = useState<string>();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget as HTMLFormElement);
    const chosen = matchers(finding, said);
    const comment = String(said.get("comment")).trim();
    if (chosen.length === 0) return setTrouble(silence.needsOne);
    if (comment === "") return setTrouble(silence.needsComment);
    const ends_unix_ms = Math.round(agentNow() + Number(said.get("for")));
    try {
      await api.silence({
        matchers: chosen,
        ends_unix_ms,
        comment,
        author: String(said.get("author")).trim(),
      });
      poller.refresh("findings");
      onClose();
    } catch (error) {
      setTrouble(printable(error instanceof Error ? error.message : String(error)));
    }
  };
  return (
    <Dialog title={silence.title} onClose={onClose}>
      <form class="silence" method="post" onSubmit={submit}>
        <fieldset>
          <legend>{silence.what}</legend>
          {[...finding.labels].map(([label, value]) => (
            <label key={label} class="check">
              <input type="checkbox" name="label" value={label} defaultChecked={label === "finding"} />
              <span>
                <code>{printable(label)}</code> = <code>{printable(value)}</code>
              </span>
            </label>
          ))}
        </fieldset>
        <label class="field">
          <span>{silence.forTime}</span>
          <select name="for">
            {TIMES_MS.map((ms) => (
              <option key={ms} value={ms}>
                {span(ms)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{silence.comment}</span>
          <input name="comment" required maxLength={500} placeholder={silence.commentHint} />
        </label>
        <label class="field">
          <span>{silence.author}</span>
          <input name="author" maxLength={100} autocomplete="username" />
        </label>
        <p role="alert" class="trouble">
          {trouble}
        </p>
        <div class="actions">
          <button type="submit" class="main-action">
            {silence.make}
          </button>
          <button type="button" onClick={onClose}>
            {says.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
