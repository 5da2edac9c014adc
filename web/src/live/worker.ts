// The worker: it has the connection and all goroutines, and tells the page only what is on the screen.
import { type Expression, FilterError } from "./filter/expression.ts";
import { parseFilter } from "./filter/parse.ts";
import type { FromWorker, TickCost, ToWorker, Wants } from "./messages.ts";
import { FrameSocket } from "./socket.ts";
import type { Moment } from "./stacks/moment.ts";
import { Watch } from "./watch.ts";
import { read } from "./wire/frame.ts";

let watch = new Watch();
let socket: FrameSocket | undefined;
let wants: Wants = {};
let expression: Expression | undefined;
let pinned: Moment | undefined;
let cost: TickCost = { bytes: 0, rows: 0, decodeMs: 0, applyMs: 0 };
let isPaused = false;
/** Clusters that the page was told of. */
let told = 0;

/** The worker's own `postMessage`, which the types of a page do not know. */
const post = (message: FromWorker, transfer: Transferable[] = []) => {
  (postMessage as (message: FromWorker, transfer: Transferable[]) => void)(message, transfer);
};

async function take(bytes: ArrayBuffer): Promise<void> {
  const began = performance.now();
  const received = await read(bytes);
  const decoded = performance.now();
  const column = watch.take(received);
  cost = {
    bytes: bytes.byteLength,
    rows: received.rows.places.length,
    decodeMs: decoded - began,
    applyMs: performance.now() - decoded,
  };
  if (wants.past) post({ kind: "past", everything: false, columns: [column], most: watch.past.most() });
  show(false);
}

/** Tells what is wanted of the picture as it is. */
function show(everything: boolean): void {
  const tick = watch.tick(cost, wants.scheduler === true);
  if (!tick) return;
  const clusters = watch.clustersFrom(told);
  if (clusters.length > 0) post({ kind: "clusters", first: told, clusters });
  told += clusters.length;
  const patch = wants.dots ? watch.patch(everything) : undefined;
  post({ kind: "tick", tick, patch }, patch ? [patch.words.buffer] : []);
  if (wants.rows) post({ kind: "rows", answer: watch.rows(wants.rows) });
  if (wants.stacks) tellStacks();
}

function tellStacks(): void {
  const then = pinned && { atUnixMs: pinned.atUnixMs, root: pinned.stacks(expression) };
  post({ kind: "stacks", root: watch.stacks(), pinned: then ?? null });
}

function tellPast(): void {
  post({ kind: "past", everything: true, columns: watch.past.all(), most: watch.past.most() });
}

function pin(at: "now" | number | null): void {
  if (at === "now") pinned = watch.moment();
  // Only one is kept; where it is not the one that is asked for, that one is gone.
  else if (at !== pinned?.atUnixMs) pinned = undefined;
  if (watch.picture.head) tellStacks();
}

function filter(text: string): void {
  try {
    expression = parseFilter(text);
    post({ kind: "filter", text, trouble: undefined, what: "" });
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    // Half a word is typed: what was filtered for before stays.
    post({ kind: "filter", text, trouble: error.trouble, what: error.what });
    return;
  }
  watch.filter(expression);
  show(false);
}

function want(wanted: Wants): void {
  const before = wants;
  wants = wanted;
  const isNew = { dots: wanted.dots && !before.dots, past: wanted.past && !before.past };
  if (isNew.past) tellPast();
  const onlyRows = before.dots === wanted.dots && before.stacks === wanted.stacks && wanted.rows;
  if (onlyRows && wanted.rows && watch.picture.head) post({ kind: "rows", answer: watch.rows(wanted.rows) });
  else show(isNew.dots === true);
}

function open(url: string): void {
  socket?.close();
  watch = new Watch();
  told = 0;
  watch.filter(expression);
  socket = new FrameSocket(url, {
    frame: take,
    connection: (connection) => post({ kind: "connection", connection }),
  });
  socket.open();
}

function pause(on: boolean): void {
  if (on === isPaused) return;
  isPaused = on;
  if (on) {
    // Nobody has to look at the target for a picture that does not move.
    socket?.close();
    post({ kind: "connection", connection: { kind: "paused" } });
  } else {
    socket?.open();
  }
}

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  switch (data.kind) {
    case "watch":
      return open(data.url);
    case "pause":
      return pause(data.on);
    case "retry":
      return socket?.open();
    case "filter":
      return filter(data.text);
    case "wants":
      return want(data.wants);
    case "again":
      tellPast();
      return show(true);
    case "pin":
      return pin(data.at);
    case "who":
      return post({ kind: "who", question: data.question, row: watch.who(data.cell, data.rank) });
  }
});
