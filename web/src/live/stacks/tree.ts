// Stacks of cohorts as one tree, its root the outermost frames: what a flame graph draws.
import type { Picture } from "../picture.ts";

/** What is known of goroutines at a node. */
export interface Tally {
  count: number;
  /** By number of status. */
  readonly byStatus: Map<string, number>;
  /** Sum of what is known of how long they have waited, and of how many. */
  ageMs: number;
  aged: number;
}

export interface Node {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly tally: Tally;
  /** How many there were when the tree was pinned; not there without. */
  before?: number;
  readonly children: Node[];
}

/** Goroutines of a cohort that are to be in the tree. */
export interface Counted {
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
    tally: { count: 0, byStatus: new Map(), ageMs: 0, aged: 0 },
    children: [],
    byKey: new Map(),
  };
}

function add(tally: Tally, counted: Counted, status: string): void {
  tally.count += counted.count;
  tally.ageMs += counted.ageMs;
  tally.aged += counted.aged;
  tally.byStatus.set(status, (tally.byStatus.get(status) ?? 0) + counted.count);
}

/** The tree of cohorts, by function: lines would split what belongs together. */
export function treeOf(picture: Picture, cohorts: readonly Counted[]): Node {
  const root = node("", "", 0);
  let nodes = 1;
  for (const counted of cohorts) {
    const cohort = picture.cohorts.get(counted.cohort);
    if (!cohort || counted.count === 0) continue;
    const status = cohort.status;
    let at = root;
    add(at.tally, counted, status);
    const stack = cohort.stack.length > 0 ? cohort.stack.map((number) => picture.codePlace(number)) : [];
    if (stack.length === 0)
      stack.push({ frame: 0, function: `(${cohort.missing ?? "no stack"})`, file: "", line: 0 });
    for (const place of stack.reverse().slice(0, DEPTH_MAX)) {
      let child = at.byKey.get(place.function);
      if (!child) {
        if (nodes >= NODES_MAX) break;
        nodes += 1;
        child = node(place.function, place.file, place.line);
        at.byKey.set(place.function, child);
        at.children.push(child);
      }
      add(child.tally, counted, status);
      at = child;
    }
  }
  return plain(root);
}

function plain({ name, file, line, tally, children }: Growing): Node {
  const sorted = [...children].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { name, file, line, tally, children: sorted.map(plain) };
}
