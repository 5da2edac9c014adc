// What the page says, in English. Every other language has the same keys, or does not compile.
import { board } from "./english/board.ts";
import { findings } from "./english/findings.ts";
import { frame } from "./english/frame.ts";
import { live } from "./english/live.ts";
import { processes } from "./english/processes.ts";
import { timeline } from "./english/timeline.ts";

export const english = { ...frame, ...processes, ...timeline, ...findings, ...board, ...live };

/** The keys, and what kind of word each has. */
export type Words = typeof english;
