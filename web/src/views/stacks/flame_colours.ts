// Colours of a flame graph's boxes: pale, so that names on them can be read.
import { cividis } from "../../gl/cividis.ts";
import { rgb } from "../../gl/program.ts";
import type { Node } from "../../live/stacks/tree.ts";
import { colour } from "../../theme/theme.ts";

/** The palette's colours of states. */
export const STATE_COLOURS: Readonly<Record<string, string>> = {
  chan: "series-1",
  select: "series-7",
  lock: "series-8",
  io: "series-3",
  sleep: "series-6",
  running: "series-5",
  runnable: "series-2",
  syscall: "series-4",
};
const PALE = 0.38;
const DAY_S = 86_400;

type Rgb = readonly [number, number, number];

function mixed(from: Rgb, to: Rgb, share: number): string {
  const part = (index: 0 | 1 | 2) => Math.round((from[index] + (to[index] - from[index]) * share) * 255);
  return `rgb(${part(0)} ${part(1)} ${part(2)})`;
}

export class FlameColours {
  readonly #surface = rgb(colour("surface"));
  readonly #byState = new Map<string, string>();

  byState(node: Node): string {
    let [state, most] = ["other", 0];
    for (const [name, count] of node.tally.byState) if (count > most) [state, most] = [name, count];
    let known = this.#byState.get(state);
    if (!known) {
      known = mixed(this.#surface, rgb(colour(STATE_COLOURS[state] ?? "series-rest")), PALE);
      this.#byState.set(state, known);
    }
    return known;
  }

  byAge(node: Node): string {
    const { ageMs, aged } = node.tally;
    if (aged === 0) return mixed(this.#surface, rgb(colour("series-rest")), PALE);
    const at = Math.log(1 + ageMs / aged / 1_000) / Math.log(1 + DAY_S);
    const [r, g, b] = cividis(at);
    return mixed(this.#surface, [r / 255, g / 255, b / 255], 0.5);
  }

  /** Warm for more, cool for fewer than before. */
  byChange(now: number, before: number): string {
    const change = (now - before) / Math.max(now, before, 1);
    const name = change > 0 ? "series-2" : "series-1";
    return mixed(this.#surface, rgb(colour(name)), change === 0 ? 0 : 0.15 + 0.45 * Math.abs(change));
  }
}
