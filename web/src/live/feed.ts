// The page's end of the worker: one for the target whose live views are open, kept a little while one goes from view to
// view, and what it tells as signals.
import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { counted } from "../gl/script_time.ts";
import { poller } from "../polling/sources.ts";
import type { Patch } from "./cells/texture.ts";
import type { FilterTrouble } from "./filter/expression.ts";
import type { Connection, FromWorker, Pinned, ShownCluster, Tick, ToWorker, Wants } from "./messages.ts";
import type { RowsAnswer, ShownRow } from "./rows/window.ts";
import { type PastColumn, TICKS } from "./stacks/past.ts";
import type { Node } from "./stacks/tree.ts";

/** A worker that no view needs is kept for so long: it has the past. */
const KEPT_MS = 30_000;

export class Feed {
  readonly target: string;
  readonly connection = signal<Connection>({ kind: "connecting" });
  readonly tick = signal<Tick | undefined>(undefined);
  /** Whether anybody is there: who reads this is not drawn anew at each tick. */
  readonly extent = computed(() => {
    const tick = this.tick.value;
    if (!tick) return "unknown";
    return tick.total > 0 ? "some" : "nobody";
  });
  readonly clusters = signal<readonly ShownCluster[]>([]);
  readonly filter = signal<{ text: string; trouble: FilterTrouble | undefined; what: string }>({
    text: "",
    trouble: undefined,
    what: "",
  });
  readonly rows = signal<RowsAnswer | undefined>(undefined);
  readonly stacks = signal<{ root: Node; pinned: Pinned | null } | undefined>(undefined);
  /** Columns of the past, the oldest first. The array grows in place; the signal counts how often it has. */
  readonly past: PastColumn[] = [];
  readonly pastVersion = signal(0);
  /** The most that each cluster had in the past. */
  pastMost: Uint32Array = new Uint32Array(0);
  readonly isPaused = signal(false);
  /** Who takes over changed dots, of each tick, before its numbers are told. */
  onTick: ((patch: Patch | undefined) => void) | undefined;
  /** Whether dots have come that nobody took. */
  hasMissedDots = false;
  readonly #worker: Worker;
  readonly #asked = new Map<number, (row: ShownRow | null) => void>();
  #questions = 0;

  constructor(target: string) {
    this.target = target;
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
      type: "module",
      name: "goroutines",
    });
    // What a message holds is unpacked when it is first looked at.
    this.#worker.onmessage = (event: MessageEvent<FromWorker>) => counted(() => this.#hear(event.data));
    const url = new URL(`/api/v1/targets/${encodeURIComponent(target)}/live`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.say({ kind: "watch", url: url.href });
  }

  say(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  pause(on: boolean): void {
    this.isPaused.value = on;
    this.say({ kind: "pause", on });
  }

  /** Who has a rank in a cell of the map. */
  who(cell: number, rank: number): Promise<ShownRow | null> {
    this.#questions += 1;
    const question = this.#questions;
    return new Promise((resolve) => {
      this.#asked.set(question, resolve);
      this.say({ kind: "who", question, cell, rank });
    });
  }

  end(): void {
    this.#worker.terminate();
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case "connection":
        this.connection.value = message.connection;
        if (message.connection.kind === "login") poller.wantsLogin();
        break;
      case "clusters":
        this.clusters.value = [...this.clusters.value.slice(0, message.first), ...message.clusters];
        break;
      case "tick":
        if (this.onTick) this.onTick(message.patch);
        else if (message.patch) this.hasMissedDots = true;
        this.tick.value = message.tick;
        break;
      case "filter":
        this.filter.value = message;
        break;
      case "rows":
        this.rows.value = message.answer;
        break;
      case "stacks":
        this.stacks.value = message;
        break;
      case "past":
        if (message.everything) this.past.length = 0;
        this.past.push(...message.columns);
        this.pastMost = message.most;
        if (this.past.length > TICKS) this.past.splice(0, this.past.length - TICKS);
        this.pastVersion.value += 1;
        break;
      case "who":
        this.#asked.get(message.question)?.(message.row);
        this.#asked.delete(message.question);
        break;
    }
  }
}

let feed: Feed | undefined;
let users = 0;
let ending: ReturnType<typeof setTimeout> | undefined;

function feedOf(target: string): Feed {
  if (feed?.target !== target) {
    feed?.end();
    feed = new Feed(target);
  }
  return feed;
}

/** The feed of a target, with what this view wants of it. */
export function useFeed(target: string, wants: Wants): Feed {
  const current = feedOf(target);
  const said = JSON.stringify(wants);
  useEffect(() => {
    users += 1;
    clearTimeout(ending);
    // Whoever was sent away to log in is back.
    if (current.connection.peek().kind === "login") current.say({ kind: "retry" });
    return () => {
      users -= 1;
      if (users > 0) return;
      feed?.say({ kind: "wants", wants: {} });
      ending = setTimeout(() => {
        feed?.end();
        feed = undefined;
      }, KEPT_MS);
    };
  }, [current]);
  useEffect(() => current.say({ kind: "wants", wants }), [current, said]);
  return current;
}
