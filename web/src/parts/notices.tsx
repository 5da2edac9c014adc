// What is shown instead of data: nothing there yet, or a question that was refused.
import type { ComponentChildren } from "preact";
import type { ApiError } from "../api/refusal.ts";
import { printable } from "../format/printable.ts";
import { words } from "../i18n/language.ts";
import { poller } from "../polling/sources.ts";

interface EmptyProps {
  readonly title: string;
  readonly hint?: string;
  readonly children?: ComponentChildren;
}

/** Nothing to show, and what to do about it. */
export function Empty({ title, hint, children }: EmptyProps) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {hint && <p class="dim">{hint}</p>}
      {children}
    </div>
  );
}

export function Loading() {
  return (
    <p class="loading dim" aria-busy="true">
      {words.value.says.loading}
    </p>
  );
}

/** A question that was refused: the agent's words, and its hint. */
export function Refused({ error }: { error: ApiError }) {
  return (
    <div class="refused" role="alert">
      <p>{printable(error.message)}</p>
      {error.hint && <p class="dim">{printable(error.hint)}</p>}
      <button type="button" onClick={() => poller.refresh()}>
        {words.value.says.retry}
      </button>
    </div>
  );
}
