// What the page says, in Chinese.
import { board } from "./chinese/board.ts";
import { findings } from "./chinese/findings.ts";
import { frame } from "./chinese/frame.ts";
import { live } from "./chinese/live.ts";
import { processes } from "./chinese/processes.ts";
import { timeline } from "./chinese/timeline.ts";
import type { Words } from "./english.ts";

export const chinese: Words = { ...frame, ...processes, ...timeline, ...findings, ...board, ...live };
