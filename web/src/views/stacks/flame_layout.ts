// Where the boxes of a flame graph are: as wide as many goroutines have the function in their stack.
import type { Node } from "../../live/stacks/tree.ts";

export interface Box {
  readonly node: Node;
  /** Names from the root on, as one text: the same function elsewhere is another box. */
  readonly key: string;
  readonly parent: Box | undefined;
  /** From 0 to 1. */
  readonly x: number;
  readonly width: number;
  readonly depth: number;
}

/** A short name of a path for the address. */
export function pathKey(path: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < path.length; index += 1)
    hash = Math.imul(hash ^ path.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** How many goroutines each path had. */
export function countsByPath(root: Node): Map<string, number> {
  const counts = new Map<string, number>();
  const walk = (node: Node, path: string) => {
    counts.set(path, node.tally.count);
    for (const child of node.children) walk(child, `${path}\n${child.name}`);
  };
  walk(root, "");
  return counts;
}

/** Narrower boxes are not drawn, nor is what is on them. */
const WIDTH_MIN = 1 / 3_000;

/** The boxes; with a focus, that one and those below it fill the width. `undefined` if the focus is not there. */
export function boxesOf(root: Node, focus: string | undefined): Box[] | undefined {
  const boxes: Box[] = [];
  const path = focus === undefined ? [] : pathTo(root, focus);
  if (!path) return undefined;
  const walk = (
    node: Node,
    key: string,
    parent: Box | undefined,
    x: number,
    width: number,
    depth: number,
  ) => {
    const box: Box = { node, key, parent, x, width, depth };
    boxes.push(box);
    const next = path[depth];
    if (next) return walk(next, `${key}\n${next.name}`, box, 0, 1, depth + 1);
    let at = x;
    for (const child of node.children) {
      const share = (child.tally.count / Math.max(node.tally.count, 1)) * width;
      if (share >= WIDTH_MIN) walk(child, `${key}\n${child.name}`, box, at, share, depth + 1);
      at += share;
    }
  };
  walk(root, "", undefined, 0, 1, 0);
  return boxes;
}

/** Nodes from the root, which is left out, to the one with a key. */
function pathTo(root: Node, focus: string): Node[] | undefined {
  const seek = (node: Node, path: string): Node[] | undefined => {
    if (path !== "" && pathKey(path) === focus) return [];
    for (const child of node.children) {
      const found = seek(child, `${path}\n${child.name}`);
      if (found) return [child, ...found];
    }
    return undefined;
  };
  return seek(root, "");
}

/** How many goroutines have a function in their stack whose name has the text in it. */
export function countWith(root: Node, text: string): number {
  if (root.name.toLowerCase().includes(text)) return root.tally.count;
  return root.children.reduce((sum, child) => sum + countWith(child, text), 0);
}
