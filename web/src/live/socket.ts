// The connection that frames come over: one at a time, again after it broke, later and later; never after an end.
import { refusalOf } from "./admission.ts";
import type { Connection } from "./messages.ts";

const FIRST_MS = 500;
const LONGEST_MS = 15_000;
/** After a refusal: what it is for, such as too many viewers, takes a while to change. */
const REFUSED_MS = 10_000;
/** An agent that has just begun finds its targets within this time. */
const FOUND_IN_MS = 6_000;
/** What the server closes with when there will be no more: the target has ended, or is not to be looked at. */
const NORMAL = 1_000;
/** Frames that may wait to be read; an agent that sends faster than we read must begin anew. */
const WAITING_MAX = 8;

export interface Heard {
  /** A frame; the next one comes when this one is done with. Who throws refuses it, and everything is asked for again. */
  frame(bytes: ArrayBuffer): Promise<void>;
  connection(connection: Connection): void;
}

export class FrameSocket {
  readonly #url: string;
  readonly #heard: Heard;
  #socket: WebSocket | undefined;
  #failures = 0;
  /** Since when the agent says that it does not know the target. */
  #unknownSinceMs: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, heard: Heard) {
    this.#url = url;
    this.#heard = heard;
  }

  open(): void {
    this.close();
    this.#heard.connection({ kind: "connecting" });
    this.#connect();
  }

  /** Closes it. Nothing more is heard. */
  close(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #connect(): void {
    this.close();
    const socket = new WebSocket(this.#url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    let wasOpen = false;
    const frames = new Frames((frame) => this.#take(socket, frame));
    socket.onopen = () => {
      wasOpen = true;
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (this.#socket !== socket || !(data instanceof ArrayBuffer)) return;
      if (!frames.add(data)) this.#again("this browser is slower than the frames that come");
    };
    socket.onclose = async (event) => {
      await frames.done();
      if (this.#socket !== socket) return;
      if (wasOpen) this.#ended(event);
      else await this.#notLetIn(socket);
    };
  }

  async #take(socket: WebSocket, frame: ArrayBuffer): Promise<void> {
    if (this.#socket !== socket) return;
    try {
      await this.#heard.frame(frame);
      if (this.#socket !== socket) return;
      this.#failures = 0;
      this.#unknownSinceMs = undefined;
      this.#heard.connection({ kind: "live" });
    } catch (error) {
      if (this.#socket === socket) this.#again(error instanceof Error ? error.message : String(error));
    }
  }

  async #notLetIn(socket: WebSocket): Promise<void> {
    const refusal = await refusalOf(this.#url);
    if (this.#socket !== socket) return;
    if (refusal === undefined || refusal.trouble === "away") return this.#again(refusal?.message ?? "");
    if (refusal.status === 404) return this.#unknown(refusal.message);
    this.close();
    if (refusal.trouble === "login") return this.#heard.connection({ kind: "login" });
    const { message: why, hint } = refusal;
    this.#heard.connection({ kind: "refused", why, hint, inMs: REFUSED_MS });
    this.#timer = setTimeout(() => this.#connect(), REFUSED_MS);
  }

  #unknown(why: string): void {
    this.#unknownSinceMs ??= performance.now();
    if (performance.now() - this.#unknownSinceMs < FOUND_IN_MS) {
      this.#again(why);
    } else {
      this.close();
      this.#heard.connection({ kind: "ended", why });
    }
  }

  #ended(event: CloseEvent): void {
    if (event.code === NORMAL && event.reason !== "" && !/agent/.test(event.reason)) {
      this.#socket = undefined;
      this.#heard.connection({ kind: "ended", why: event.reason });
    } else {
      this.#again(event.reason);
    }
  }

  #again(why: string): void {
    this.close();
    const inMs = Math.min(FIRST_MS * 2 ** this.#failures, LONGEST_MS);
    this.#failures += 1;
    this.#heard.connection({ kind: "reconnecting", why, inMs });
    this.#timer = setTimeout(() => this.open(), inMs);
  }
}

/** Frames in the order in which they came, each taken when the one before it is done with. */
class Frames {
  readonly #take: (frame: ArrayBuffer) => Promise<void>;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(take: (frame: ArrayBuffer) => Promise<void>) {
    this.#take = take;
  }

  /** Whether there was room. */
  add(frame: ArrayBuffer): boolean {
    if (this.#waiting >= WAITING_MAX) return false;
    this.#waiting += 1;
    this.#last = this.#last.then(async () => {
      await this.#take(frame);
      this.#waiting -= 1;
    });
    return true;
  }

  /** When all are done with. */
  done(): Promise<void> {
    return this.#last;
  }
}
