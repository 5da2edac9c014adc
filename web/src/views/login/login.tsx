// Asks for the token of an agent that wants one. What was being looked at stays in the address.
import { useState } from "preact/hooks";
import { api } from "../../api/client.ts";
import { ApiError } from "../../api/refusal.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { poller } from "../../polling/sources.ts";

/** What to say of a token that was not taken. */
function saidOf(error: unknown): string {
  const { login } = words.value;
  if (!(error instanceof ApiError)) return String(error);
  if (error.status === 401) return login.wrong;
  return error.status === 404 || error.status === 405 ? login.unsupported : printable(error.message);
}

export function Login() {
  const { login } = words.value;
  const [trouble, setTrouble] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem("token");
    if (!(field instanceof HTMLInputElement)) return;
    setBusy(true);
    try {
      await api.logIn(field.value.trim());
      poller.retry();
    } catch (error) {
      setTrouble(saidOf(error));
      field.select();
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="login" method="post" onSubmit={submit}>
      <h1>{login.title}</h1>
      <label>
        {login.token}
        <input
          name="token"
          type="password"
          required
          autocomplete="current-password"
          spellcheck={false}
          ref={(field) => {
            if (document.activeElement === document.body) field?.focus();
          }}
        />
      </label>
      <p class="dim">{login.hint}</p>
      <p role="alert" class="trouble">
        {trouble}
      </p>
      <button type="submit" class="main-action" disabled={busy}>
        {login.go}
      </button>
    </form>
  );
}
