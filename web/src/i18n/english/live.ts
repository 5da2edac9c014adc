// English: what all live views say, the map, the table and stacks.
import { some } from "./counted.ts";
import { liveDetails } from "./live_details.ts";

const views = {
  tabs: "Views of this process",
  goroutine: "Goroutine",
  waitsFor: (time: string) => `for ${time}`,
  noStack: (why: string) => `no stack${why ? `: ${why}` : ""}`,
  nobody: "There is no goroutine.",
  connecting: "Connecting…",
  liveAt: (count: string, at: string) => `${count} goroutines at ${at}`,
  lateHint: (time: string) =>
    `The last look at this process took ${time}. The longer looks take, the rarer they are, so that they cost the machine little: live_cpu_percent in the agent's configuration.`,
  ofRuntime: (own: string, runtime: string) => `${own} + ${runtime} of the runtime`,
  ofRuntimeHint: "The program's own, which the overview counts, and those of Go's runtime.",
  runtimeFrames: (count: number) => some(count, "frame of the runtime", "frames of the runtime"),
  pausedAt: (at: string) => `Paused at ${at}`,
  reconnecting: (inTime: string, why: string) =>
    `Connection lost${why ? ` (${why})` : ""}; trying again in ${inTime}. What you see is what was known before.`,
  refused: (inTime: string) => `The agent lets nobody in now; asking again every ${inTime}`,
  ended: (why: string, at: string) =>
    `Ended: ${why}${at ? `. What you see is its last look, at ${at}` : ""}.`,
  endedBefore: "Nothing can be seen live: this process has ended.",
  endedHint: "What it did is in the time line, if the agent keeps a history.",
  states: {
    connecting: "Connecting",
    live: "Live",
    paused: "Paused",
    reconnecting: "Connection lost",
    refused: "The agent refuses",
    login: "The agent wants a token",
    ended: "The process has ended",
  },
  pause: "Pause",
  goOn: "Go on",
  filter: "Filter: words, or state=waiting reason~chan func~worker age>5m…",
  filterHelp:
    "Words are looked for in functions, files, reasons and labels. Fields as in gostat dump --filter: state reason waits func pkg file created_by entry label.KEY age id p locked runtime; = != ~ !~ < <= > >=; and, or, not, parentheses.",
  matched: (some: string, all: string) => `${some} of ${all}`,
  filterTroubles: {
    term: (what: string) =>
      what ? `nothing is expected to begin with ${what} here` : "there should be more",
    unclosed: () => "a parenthesis is not closed",
    unclosedQuote: () => "a quote is not closed",
    elsewhere: (what: string) => `${what} is only known to gostat dump --filter`,
    unknownField: (what: string) => `there is no field ${what}`,
    needsComparison: (what: string) => `${what} needs a comparison, such as ${what}=…`,
    takesNoValue: (what: string) => `${what} stands alone, or behind not`,
    badOperator: (what: string) => `${what} is no comparison of this field`,
    value: () => "a value is missing",
    badValue: (what: string) => `${what} is no value of this field`,
    badPattern: (what: string) => `${what} is no regular expression`,
    tooDeep: () => "too many parentheses",
  },
  cost: {
    title:
      "Measured in this browser: all of our script's time for a frame (messages, rendering, drawing), of the last frames, at most 1200; what the last tick uploaded",
    script: (median: string, p99: string, worst: string, frames: string) =>
      `script ${median} ms a frame (99%: ${p99}, longest of ${frames}: ${worst})`,
    scriptOfFew: (median: string) => `script ${median} ms a frame`,
    upload: (bytes: string, count: number) => `upload ${bytes} in ${count}`,
    worker: (decode: string, apply: string, bytes: string) => `worker: ${decode} + ${apply} ms for ${bytes}`,
    look: (ms: string) => `look ${ms} ms`,
    frames: (count: string) => `${count} frames in the last second`,
  },
  map: {
    now: "Now",
    past: "Over time",
    byStack: "Colour: stack",
    byAge: "Colour: age",
    byCount: "Most first",
    byGrowth: "Most grown first",
    noP: "no P",
    others: "others",
    otherStacks: "other stacks",
    waited: "waited",
    since: (at: string) => `since ${at}`,
    chosen: "What was chosen:",
    label: (count: string) =>
      `Map of ${count} goroutines, one dot each: rows are Ps, columns what they do. The same as a table is below.`,
    hint: "Drag to choose, click a stack or a cell; wheel, pinch or + − 0 to zoom, drag or arrows to move, Shift-drag to choose when zoomed.",
    hintTouch: "Tap to see what is there, tap it again to choose it; two fingers zoom and move.",
    noGl: "This browser draws nothing with WebGL 2, which the map needs: here are its numbers.",
    lost: "The browser took the graphics card away; the map comes back with it. Here are its numbers meanwhile.",
    asTable: "The same as a table",
    pastLabel: (count: number) =>
      `Goroutines of the ${count} largest stacks over time; the numbers are beside it.`,
    pastUnseen: (from: string, until: string, since: string) =>
      `This page has not seen ${from} to ${until}: it watches since ${since}. The time line may know that time.`,
    pastAll: "Show all that was seen",
    pastHint: (span: string) =>
      `Since this page began to watch, at most ${span}. Drag to choose goroutines whose wait began then; click a row for its stack; wheel, pinch or + − 0 to zoom.`,
  },
  table: {
    label: (count: string) => `${count} goroutines`,
    columns: {
      id: "Id",
      status: "Status",
      reason: "Waits for",
      age: "For",
      p: "P",
      function: "Function",
      place: "Where",
      labels: "Labels",
    },
    keys: "Rows; arrow keys choose one, Enter opens it",
    sorted: (ms: string) => `put in order in ${ms} ms`,
    runtime: "the runtime's own",
  },
  stacks: {
    flame: "Flame graph",
    icicle: "Icicle",
    byState: "Colour: state",
    byAge: "Colour: age",
    pin: "Compare from now on",
    unpin: "Stop comparing",
    pinGone: (at: string) =>
      `What there was at ${at} is gone: only the page that chose this moment had it, and the agent's history has no stacks of it.`,
    pinFromHistory: (at: string) =>
      `Compared with ${at}, from the agent's history: warm has grown, cool has shrunk`,
    pinFiltered: "The history knows no filter: clear it to compare with this moment.",
    pinnedAt: (at: string) => `Compared with ${at}: warm has grown, cool has shrunk`,
    search: "Find functions…",
    found: (count: string, share: string) => `${count} goroutines, ${share}, have it in their stack`,
    whole: "All",
    label: (count: string) =>
      `Stacks of ${count} goroutines. Arrow keys go through it, Enter zooms in, Escape out.`,
    share: (count: string, share: string) => `${count} goroutines, ${share}`,
    meanAge: (time: string) => `waited ${time} on average`,
    change: (count: string) => `${count} since then`,
    gone: "This function is not there any more.",
    states: {
      chan: "channel",
      select: "select",
      lock: "lock",
      io: "network",
      sleep: "sleep",
      other: "other waits",
      running: "running",
      runnable: "runnable",
      syscall: "system call",
    } as Readonly<Record<string, string>>,
  },
};

export const live = { live: { ...views, ...liveDetails } };
