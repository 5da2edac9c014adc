// What is shown instead of data: nothing there yet, or a question that was refused.
import type { ComponentChildren } from "preact";
import type { ApiError } from "../api/refusal.ts";
import { words } from "../i18n/language.ts";
import { poller } from "../polling/sources.ts";
import { Said } from "./said.tsx";

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

/** The agent's words for why not, its hint, and what there is to do. */
export function Refusal({
  why,
  hint,
  children,
}: {
  why: string;
  hint: string | null;
  children?: ComponentChildren;
}) {
  return (
    <div class="refused" role="alert">
      <p>
        <Said>{why}</Said>
      </p>
      {hint && (
        <p class="dim">
          <Said>{hint}</Said>
        </p>
      )}
      {children}
    </div>
  );
}

/** A question that was refused. */
export function Refused({ error }: { error: ApiError }) {
  return (
    <Refusal why={error.message} hint={error.hint}>
      <button type="button" onClick={() => poller.refresh()}>
        {words.value.says.retry}
      </button>
    </Refusal>
  );
}
