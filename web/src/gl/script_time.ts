// The time that our own script takes: what is heard from the worker, what Preact renders and its effects, gestures, and
// drawing. What is told of frames is all of it, not only the part that draws.
import { options } from "preact";

/** Effects run after a frame; where none comes, since nobody looks, they wait no longer than this. */
const EFFECTS_WITHIN_MS = 100;

let spentMs = 0;
let depth = 0;
let isFrameAsked = false;
const listeners = new Set<(ms: number) => void>();

/** Tells of each frame of the browser before which our script did something: how long. Until the given function is called. */
export function onFrame(listener: (ms: number) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A frame is over when all that draws in it has run. */
function endOfFrame(): void {
  setTimeout(() => {
    isFrameAsked = false;
    const ms = takeSpentMs();
    for (const listener of listeners) listener(ms);
  });
}

/** Does something, and counts its time. What is counted inside of it is counted once. */
export function counted<T>(what: () => T): T {
  const began = performance.now();
  depth += 1;
  try {
    return what();
  } finally {
    depth -= 1;
    if (depth === 0) spentMs += performance.now() - began;
    if (!isFrameAsked && listeners.size > 0) {
      isFrameAsked = true;
      requestAnimationFrame(endOfFrame);
    }
  }
}

/** What was counted since the last time, milliseconds. */
export function takeSpentMs(): number {
  const taken = spentMs;
  spentMs = 0;
  return taken;
}

/** Makes Preact's work count. */
export function countRendering(): void {
  options.debounceRendering = (render) => queueMicrotask(() => counted(render));
  options.requestAnimationFrame = (effects) => {
    let isDone = false;
    const run = () => {
      if (isDone) return;
      isDone = true;
      clearTimeout(late);
      counted(effects);
    };
    const late = setTimeout(run, EFFECTS_WITHIN_MS);
    requestAnimationFrame(() => setTimeout(run));
  };
}
