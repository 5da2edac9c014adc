// Why a connection was not let in. Browsers keep from a page what the server answered to a WebSocket: so the same address
// is asked plainly, and the agent refuses in the words that it would have refused the connection with.
import { type ApiError, refusal } from "../api/refusal.ts";

const ANSWERED_IN_MS = 10_000;
/** What a plain question gets where a WebSocket would now be let in. */
const LET_IN = new Set([400, 426]);
/** Refusals are short: what is longer is not the agent's. */
const REFUSAL_CHARACTERS_MAX = 10_000;

/** The refusal of a WebSocket's address; `undefined` if it would be let in, or nobody answers. */
export async function refusalOf(socketUrl: string): Promise<ApiError | undefined> {
  const url = new URL(socketUrl);
  url.protocol = url.protocol === "wss:" ? "https:" : "http:";
  try {
    const response = await fetch(url, {
      headers: { accept: "application/json" },
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(ANSWERED_IN_MS),
    });
    if (response.ok || LET_IN.has(response.status)) {
      await response.body?.cancel();
      return undefined;
    }
    return refusal(response.status, (await response.text()).slice(0, REFUSAL_CHARACTERS_MAX));
  } catch {
    return undefined;
  }
}
