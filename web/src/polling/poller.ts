// The one place from which the agent is asked again and again: few questions at a time, none while nobody looks, and
// rarer ones while it is away.
//
//   view ──subscribe──> entry (one for each question) ──due──> load ──> reading (a signal) ──> every view that has it
//                                                             └─ failed: connection = away, one question tries again
import { type Signal, signal } from "@preact/signals";
import { ApiError } from "../api/refusal.ts";

/** A question that is asked from time to time. Sources of one key are one question. */
export interface Source<T> {
  readonly key: string;
  /** Time between an answer and the next question; infinite for what never changes. */
  readonly everyMs: number;
  readonly load: (signal: AbortSignal) => Promise<T>;
}

/** The last answer; it stays while the agent is away. */
export interface Reading<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly loadedAtMs: number | undefined;
}

/** How it stands with the agent. */
export type Connection =
  | { readonly kind: "ok" }
  | { readonly kind: "login" }
  | { readonly kind: "away"; readonly why: string; readonly sinceMs: number; readonly retryAtMs: number };

interface Entry {
  source: Source<unknown>;
  readonly reading: Signal<Reading<unknown>>;
  subscribers: number;
  dueMs: number;
  asking: AbortController | undefined;
}

const AT_ONCE = 4;
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 30_000;
/** Answers that are kept though no view shows them: going back shows them at once. */
const KEPT_UNUSED = 60;
const NOTHING: Reading<never> = { data: undefined, error: undefined, loadedAtMs: undefined };

export class Poller {
  readonly connection: Signal<Connection> = signal({ kind: "ok" });
  readonly #entries = new Map<string, Entry>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #paused = false;

  /** What is known of a question now. Asks nothing. */
  reading<T>(source: Source<T>): Signal<Reading<T>> {
    return this.#entry(source).reading as Signal<Reading<T>>;
  }

  /** Asks, and keeps asking until the returned function is called. */
  subscribe(source: Source<unknown>): () => void {
    const entry = this.#entry(source);
    entry.source = source;
    entry.subscribers += 1;
    this.#wake();
    return () => {
      entry.subscribers -= 1;
      if (entry.subscribers > 0) return;
      entry.asking?.abort();
      this.#forgetUnused();
    };
  }

  /** Asks again now whatever has a key that begins so. */
  refresh(prefix = ""): void {
    for (const [key, entry] of this.#entries) {
      if (key.startsWith(prefix)) entry.dueMs = 0;
    }
    this.#wake();
  }

  /** Tries again now: the user wants it, or has logged in. */
  retry(): void {
    const state = this.connection.value;
    if (state.kind === "away") this.connection.value = { ...state, retryAtMs: Date.now() };
    if (state.kind === "login") this.connection.value = { kind: "ok" };
    this.refresh();
  }

  /** The agent was asked otherwise, and wants to know by whom. */
  wantsLogin(): void {
    this.connection.value = { kind: "login" };
  }

  /** Nobody looks at the page, or somebody does again. */
  pause(paused: boolean): void {
    this.#paused = paused;
    if (!paused) this.#wake();
  }

  #entry(source: Source<unknown>): Entry {
    const known = this.#entries.get(source.key);
    if (known) return known;
    const entry: Entry = { source, reading: signal(NOTHING), subscribers: 0, dueMs: 0, asking: undefined };
    this.#entries.set(source.key, entry);
    return entry;
  }

  #forgetUnused(): void {
    const unused = [...this.#entries].filter(([, entry]) => entry.subscribers === 0);
    for (const [key] of unused.slice(0, Math.max(0, unused.length - KEPT_UNUSED))) this.#entries.delete(key);
  }

  /** Asks what is due, and sleeps until the next is. */
  #wake(): void {
    clearTimeout(this.#timer);
    const state = this.connection.value;
    if (this.#paused || state.kind === "login") return;
    const away = state.kind === "away";
    const atOnce = away ? 1 : AT_ONCE;
    const all = [...this.#entries.values()].filter((entry) => entry.subscribers > 0);
    const asking = all.filter((entry) => entry.asking).length;
    const waiting = all.filter((entry) => !entry.asking).sort((a, b) => a.dueMs - b.dueMs);
    const nowMs = Date.now();
    if (!away || state.retryAtMs <= nowMs) {
      for (const entry of waiting.slice(0, Math.max(0, atOnce - asking))) {
        if (away || entry.dueMs <= nowMs) void this.#ask(entry);
      }
    }
    const nextMs = away ? state.retryAtMs : Math.min(...waiting.map((entry) => entry.dueMs));
    const inMs = nextMs - nowMs;
    // Whoever is being asked wakes us when it has answered.
    if (Number.isFinite(inMs) && inMs > 0) this.#timer = setTimeout(() => this.#wake(), inMs);
  }

  async #ask(entry: Entry): Promise<void> {
    const asking = new AbortController();
    entry.asking = asking;
    const { source } = entry;
    entry.dueMs = Date.now() + source.everyMs;
    try {
      const data = await source.load(asking.signal);
      entry.reading.value = { data, error: undefined, loadedAtMs: Date.now() };
      this.#isThere();
    } catch (error) {
      if (asking.signal.aborted) entry.dueMs = 0;
      else this.#failed(entry, error);
    } finally {
      entry.asking = undefined;
      this.#wake();
    }
  }

  #isThere(): void {
    this.#failures = 0;
    if (this.connection.value.kind !== "away") return;
    this.connection.value = { kind: "ok" };
    this.refresh();
  }

  #failed(entry: Entry, thrown: unknown): void {
    const error = thrown instanceof ApiError ? thrown : new ApiError("strange", String(thrown));
    if (error.trouble === "login") {
      this.connection.value = { kind: "login" };
    } else if (error.trouble === "away") {
      const before = this.connection.value;
      const wait = Math.min(RETRY_FIRST_MS * 2 ** this.#failures, RETRY_MAX_MS);
      this.#failures += 1;
      const sinceMs = before.kind === "away" ? before.sinceMs : Date.now();
      this.connection.value = { kind: "away", why: error.message, sinceMs, retryAtMs: Date.now() + wait };
    } else {
      this.#isThere();
      entry.reading.value = { ...entry.reading.value, error };
      // What was refused once is asked again later, if it changes at all.
      entry.dueMs = Date.now() + Math.max(entry.source.everyMs, 5_000);
    }
  }
}
