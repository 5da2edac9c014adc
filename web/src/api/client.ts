// Asks the agent that served the page: same origin, bounded in time and size, and every no has a reason.
import { noteAgentTime } from "../polling/clock.ts";
import { type Decoder, ShapeError } from "./decode.ts";
import {
  type FindingSpan,
  type Findings,
  findings,
  findingsPath,
  type NewSilence,
  silenced,
} from "./findings.ts";
import { type Goroutine, goroutineReport, type Why, why } from "./goroutine.ts";
import {
  type HistoryAnswer,
  type HistoryQuestion,
  historyAnswer,
  historyPath,
  type Marks,
  type MarksQuestion,
  marks,
  marksPath,
  pastProcesses,
} from "./history.ts";
import { type LeakReport, leakReport } from "./leaks.ts";
import { ApiError, parsed, refusal } from "./refusal.ts";
import { type Health, health, type Target, target, targets } from "./targets.ts";

/** The agent itself gives up after 30 s. */
const ANSWERED_IN_MS = 35_000;
/** The largest history that the agent gives is some 20 MB. */
const ANSWER_BYTES_MAX = 48 * 1024 * 1024;

/** Reads a body as far as it may go. */
async function bounded(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return "";
  const decoder = new TextDecoder();
  let [read, said] = [0, ""];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return said + decoder.decode();
    read += value.byteLength;
    if (read > ANSWER_BYTES_MAX) {
      await reader.cancel();
      throw new ApiError("strange", `the answer is longer than ${ANSWER_BYTES_MAX} bytes`, response.status);
    }
    said += decoder.decode(value, { stream: true });
  }
}

interface Request {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

async function exchange(path: string, request: Request): Promise<{ status: number; said: string }> {
  const late = AbortSignal.timeout(ANSWERED_IN_MS);
  const headers: Record<string, string> = { accept: "application/json" };
  if (request.body !== undefined) headers["content-type"] = "application/json";
  let response: Response;
  let said: string;
  try {
    response = await fetch(path, {
      method: request.method ?? "GET",
      headers,
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal: request.signal ? AbortSignal.any([request.signal, late]) : late,
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
    });
    noteAgentTime(response.headers.get("date"));
    said = await bounded(response);
  } catch (error) {
    if (error instanceof ApiError || request.signal?.aborted) throw error;
    throw new ApiError("away", late.aborted ? `no answer in ${ANSWERED_IN_MS / 1000} s` : "no connection");
  }
  if (!response.ok) throw refusal(response.status, said);
  return { status: response.status, said };
}

async function ask<T>(path: string, decode: Decoder<T>, request: Request = {}): Promise<T> {
  const { status, said } = await exchange(path, request);
  const body = parsed(said);
  if (body === undefined) throw new ApiError("strange", `the answer to ${path} is not JSON`, status);
  try {
    return decode(body, "");
  } catch (error) {
    if (error instanceof ShapeError) throw new ApiError("strange", error.message, status);
    throw error;
  }
}

const targetPath = (id: string) => `/api/v1/targets/${encodeURIComponent(id)}`;

/** All that the page asks. */
export const api = {
  health: (signal?: AbortSignal): Promise<Health> => ask("/api/v1/health", health, { signal }),
  targets: async (signal?: AbortSignal): Promise<readonly Target[]> =>
    (await ask("/api/v1/targets", targets, { signal })).targets,
  target: (id: string, signal?: AbortSignal): Promise<Target> => ask(targetPath(id), target, { signal }),
  goroutine: (id: string, goid: string, signal?: AbortSignal): Promise<Goroutine> =>
    ask(`${targetPath(id)}/goroutines/${encodeURIComponent(goid)}`, goroutineReport, { signal }),
  why: (id: string, goid: string, signal?: AbortSignal): Promise<Why> =>
    ask(`${targetPath(id)}/goroutines/${encodeURIComponent(goid)}/why`, why, { signal }),
  leaks: (id: string, signal?: AbortSignal): Promise<LeakReport> =>
    ask(`${targetPath(id)}/leaks`, leakReport, { signal }),
  switchTarget: (id: string, on: boolean): Promise<Target> =>
    ask(`${targetPath(id)}/${on ? "enable" : "disable"}`, target, { method: "POST" }),
  findings: (since?: FindingSpan, signal?: AbortSignal): Promise<Findings> =>
    ask(findingsPath(since), findings, { signal }),
  processes: (signal?: AbortSignal) => ask("/api/v1/processes", pastProcesses, { signal }),
  history: (question: HistoryQuestion, signal?: AbortSignal): Promise<HistoryAnswer> =>
    ask(historyPath(question), historyAnswer, { signal }),
  marks: (question: MarksQuestion, signal?: AbortSignal): Promise<Marks> =>
    ask(marksPath(question), marks, { signal }),
  silence: async (wanted: NewSilence): Promise<number> =>
    (await ask("/api/v1/silences", silenced, { method: "POST", body: wanted })).id,
  endSilence: async (id: number): Promise<void> => {
    await exchange(`/api/v1/silences/${id}`, { method: "DELETE" });
  },
  /** Trades the token for a cookie that no script can read. The token is kept nowhere. */
  logIn: async (token: string): Promise<void> => {
    await exchange("/api/v1/session", { method: "POST", body: { token } });
  },
};
