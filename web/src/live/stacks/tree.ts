// Stacks of cohorts as one tree, its root the outermost frames: what a flame graph draws.
import { waitClass } from "../filter/text.ts";
import type { Picture } from "../picture.ts";
import type { CodePlace, Cohort } from "../wire/head.ts";

/** What is known of goroutines at a node. */
export interface Tally {
  count: number;
  /** By status; those that wait by the kind of wait. */
  readonly byState: Map<string, number>;
  /** Sum of what is known of how long they have waited, and of how many. */
  ageMs: number;
  aged: number;
}

export interface Node {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly tally: Tally;
  readonly children: Node[];
}

/** Goroutines of a cohort that are to be in the tree. */
interface Counted {
  readonly cohort: number;
  readonly count: number;
  readonly ageMs: number;
  readonly aged: number;
}

const DEPTH_MAX = 256;
const NODES_MAX = 20_000;

interface Growing extends Node {
  readonly children: Growing[];
  readonly byKey: Map<string, Growing>;
}

function node(name: string, file: string, line: number): Growing {
  return {
    name,
    file,
    line,
    tally: { count: 0, byState: new Map(), ageMs: 0, aged: 0 },
    children: [],
    byKey: new Map(),
  };
}

function add(tally: Tally, counted: Counted, state: string): void {
  tally.count += counted.count;
  tally.ageMs += counted.ageMs;
  tally.aged += counted.aged;
  tally.byState.set(state, (tally.byState.get(state) ?? 0) + counted.count);
}

/** Places of a cohort from the outermost on; one that says why if there are none. */
function pathOf(cohort: Cohort, picture: Picture): CodePlace[] {
  if (cohort.stack.length === 0)
    return [{ frame: 0, function: `(${cohort.missing ?? "no stack"})`, file: "", line: 0 }];
  const stack = cohort.stack.map((number) => picture.codePlace(number));
  return stack.reverse().slice(0, DEPTH_MAX);
}

/** Stacks of all goroutines whose places pass. */
export function stacksOf(picture: Picture, passes: (place: number) => boolean): Node {
  const nowMs = picture.head?.at_monotonic_ms ?? 0;
  const rooms = [...picture.cohorts.keys()].reduce((most, number) => Math.max(most, number), 0) + 1;
  const [counts, ages, aged] = [new Uint32Array(rooms), new Float64Array(rooms), new Uint32Array(rooms)];
  for (let place = 0; place < picture.places; place += 1) {
    if (!passes(place)) continue;
    const cohort = picture.cohortOf[place] ?? 0;
    counts[cohort] = (counts[cohort] ?? 0) + 1;
    const since = picture.sinceMs[place] ?? 0;
    if (since <= 0) continue;
    ages[cohort] = (ages[cohort] ?? 0) + Math.max(0, nowMs - since);
    aged[cohort] = (aged[cohort] ?? 0) + 1;
  }
  const counted = [...picture.cohorts.keys()].map(
    (cohort): Counted => ({
      cohort,
      count: counts[cohort] ?? 0,
      ageMs: ages[cohort] ?? 0,
      aged: aged[cohort] ?? 0,
    }),
  );
  return treeOf(picture, counted);
}

/** The tree of cohorts, by function: lines would split what belongs together. */
function treeOf(picture: Picture, cohorts: readonly Counted[]): Node {
  const root = node("", "", 0);
  let nodes = 1;
  /** The child of a function; `undefined` if there are too many nodes for another. */
  const childOf = (parent: Growing, place: CodePlace): Growing | undefined => {
    const known = parent.byKey.get(place.function);
    if (known || nodes >= NODES_MAX) return known;
    nodes += 1;
    const child = node(place.function, place.file, place.line);
    parent.byKey.set(place.function, child);
    parent.children.push(child);
    return child;
  };
  for (const counted of cohorts) {
    const cohort = picture.cohorts.get(counted.cohort);
    if (!cohort || counted.count === 0) continue;
    const state = cohort.status === "waiting" ? waitClass(cohort.reason ?? "") : cohort.status;
    let at: Growing | undefined = root;
    add(root.tally, counted, state);
    for (const place of pathOf(cohort, picture)) {
      at = childOf(at, place);
      if (!at) break;
      add(at.tally, counted, state);
    }
  }
  return plain(root);
}

function plain({ name, file, line, tally, children }: Growing): Node {
  const sorted = [...children].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { name, file, line, tally, children: sorted.map(plain) };
}
