// Why a question has no answer. Apart from the questions: the worker asks none, but is refused as well.

/** Why there is no answer: nobody there, no leave, a refusal, or an answer that is not understood. */
export type Trouble = "away" | "login" | "refused" | "strange";

/** A question without an answer. `message` is the agent's own sentence where it gave one. */
export class ApiError extends Error {
  readonly trouble: Trouble;
  readonly status: number;
  readonly hint: string | null;

  constructor(trouble: Trouble, message: string, status = 0, hint: string | null = null) {
    super(message);
    this.name = "ApiError";
    this.trouble = trouble;
    this.status = status;
    this.hint = hint;
  }
}

/** What proxies and the agent answer when the agent, not the question, is the trouble. */
const AWAY_STATUSES = new Set([502, 504]);

/** A body as JSON; `undefined` if it is none. */
export function parsed(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    return undefined;
  }
}

/** The agent's refusals are `{"error", "hint"}`; `reason` is understood as well. */
export function refusal(status: number, said: string): ApiError {
  const body = parsed(said);
  const part = (key: string): string | null => {
    const value = typeof body === "object" && body !== null ? Reflect.get(body, key) : undefined;
    return typeof value === "string" ? value : null;
  };
  const message = part("error") ?? part("reason") ?? `status ${status}`;
  if (status === 401) return new ApiError("login", message, status, part("hint"));
  return new ApiError(AWAY_STATUSES.has(status) ? "away" : "refused", message, status, part("hint"));
}
