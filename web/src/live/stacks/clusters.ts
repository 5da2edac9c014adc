// Goroutines with equal stacks. A cluster keeps its number while the page watches, whatever numbers frames give.
import type { Picture } from "../picture.ts";
import type { CodePlace, Cohort } from "../wire/head.ts";
import { ownPlace } from "./own_function.ts";

/** Clusters that are told apart. Number 0 has all beyond. */
export const CLUSTERS_MAX = 512;
/** Colours that clusters have; 0 is of all others. */
const COLOURS = 8;

export interface Cluster {
  readonly number: number;
  /** The same for equal stacks, as `stack=` of a filter has it. */
  readonly key: string;
  readonly stack: readonly CodePlace[];
  readonly own: CodePlace | undefined;
  /** Why there is no stack. */
  readonly missing: string | null;
}

/** Two hashes of 32 bits: enough to tell thousands of stacks apart, and the same on each visit. */
export function stackKey(stack: readonly CodePlace[], missing: string | null): string {
  const said =
    stack.map((place) => `${place.function}\n${place.file}:${place.line}`).join("\n") ||
    `no stack: ${missing}`;
  let [a, b] = [0x811c9dc5, 0x1234567];
  for (let index = 0; index < said.length; index += 1) {
    const code = said.charCodeAt(index);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) + index;
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

const OTHERS: Cluster = { number: 0, key: "", stack: [], own: undefined, missing: null };

export class Clusters {
  readonly all: Cluster[] = [OTHERS];
  /** Colour by number of cluster. */
  readonly colours: number[] = [0];
  readonly #byKey = new Map<string, Cluster>();
  #byCohort = new Map<number, Cluster>();

  /** A frame with everything numbers cohorts anew. */
  forgetCohorts(): void {
    this.#byCohort = new Map();
  }

  of(cohort: Cohort, picture: Picture): Cluster {
    const known = this.#byCohort.get(cohort.cohort);
    if (known) return known;
    const stack = cohort.stack.map((number) => picture.codePlace(number));
    const key = stackKey(stack, cohort.missing);
    const cluster = this.#byKey.get(key) ?? this.#add(key, stack, cohort.missing);
    this.#byCohort.set(cohort.cohort, cluster);
    return cluster;
  }

  /** Gives colours to the largest. Whether any has changed: one keeps its colour until another is twice as large. */
  paint(counts: ArrayLike<number>): boolean {
    let hasChanged = false;
    for (;;) {
      const [best, worst] = [this.#extreme(counts, false), this.#extreme(counts, true)];
      if (best === 0) return hasChanged;
      const used = new Set(this.colours);
      const free = Array.from({ length: COLOURS }, (_, index) => index + 1).find(
        (colour) => !used.has(colour),
      );
      if (free !== undefined) {
        this.colours[best] = free;
      } else {
        if ((counts[best] ?? 0) <= 2 * (counts[worst] ?? 0)) return hasChanged;
        this.colours[best] = this.colours[worst] ?? 0;
        this.colours[worst] = 0;
      }
      hasChanged = true;
    }
  }

  /** The smallest with a colour, or the largest without. */
  #extreme(counts: ArrayLike<number>, coloured: boolean): number {
    let found = 0;
    for (let number = 1; number < this.all.length; number += 1) {
      if ((this.colours[number] !== 0) !== coloured || (!coloured && !counts[number])) continue;
      const [size, best] = [counts[number] ?? 0, counts[found] ?? 0];
      if (found === 0 || (coloured ? size < best : size > best)) found = number;
    }
    return found;
  }

  #add(key: string, stack: readonly CodePlace[], missing: string | null): Cluster {
    if (this.all.length >= CLUSTERS_MAX) return OTHERS;
    const cluster: Cluster = { number: this.all.length, key, stack, own: ownPlace(stack), missing };
    this.all.push(cluster);
    this.colours.push(0);
    this.#byKey.set(key, cluster);
    return cluster;
  }
}
