// A blocking chain as a graph in layers: goroutines and what they wait for in turns, from left to right.
import type { Chain, Wait, Waker } from "../../api/goroutine.ts";

export interface ChainNode {
  readonly key: string;
  readonly goroutine: Chain | undefined;
  readonly wait: Wait | undefined;
  layer: number;
  y: number;
}

export interface ChainEdge {
  readonly from: ChainNode;
  readonly to: ChainNode;
  /** Who could end the wait; without, it is an edge from a goroutine to what it waits for. */
  readonly waker: Waker | undefined;
}

export interface ChainGraph {
  readonly nodes: readonly ChainNode[];
  readonly edges: readonly ChainEdge[];
  readonly layers: number;
  readonly height: number;
}

/** More would be no picture any more; the text has all. */
const NODES_MAX = 120;
const ROUNDS = 6;

class Builder {
  readonly nodes = new Map<string, ChainNode>();
  readonly edges: ChainEdge[] = [];

  goroutine(chain: Chain, layer: number): ChainNode | undefined {
    const key = `goroutine ${chain.id}`;
    const known = this.nodes.get(key);
    if (known) return known;
    const node = this.#add({ key, goroutine: chain, wait: undefined, layer, y: 0 });
    if (!node) return undefined;
    for (const [index, wait] of chain.waits.entries()) {
      const object = this.#object(wait, `${key} ${index}`, layer + 1);
      if (object) this.edges.push({ from: node, to: object, waker: undefined });
    }
    return node;
  }

  #object(wait: Wait, unnamed: string, layer: number): ChainNode | undefined {
    const key = `${wait.object.kind} ${wait.object.address ?? unnamed}`;
    const known = this.nodes.get(key);
    if (known) return known;
    const node = this.#add({ key, goroutine: undefined, wait, layer, y: 0 });
    if (!node) return undefined;
    for (const waker of wait.wakers) {
      const to = this.goroutine(waker.goroutine, layer + 1);
      if (to) this.edges.push({ from: node, to, waker });
    }
    return node;
  }

  #add(node: ChainNode): ChainNode | undefined {
    if (this.nodes.size >= NODES_MAX) return undefined;
    this.nodes.set(node.key, node);
    return node;
  }
}

/** Moves nodes of a layer towards their neighbours, none nearer to another than `apart`. */
function settle(layer: readonly ChainNode[], wanted: (node: ChainNode) => number, apart: number): void {
  const aims = layer
    .map((node) => ({ node, aim: wanted(node) }))
    .sort((a, b) => a.aim - b.aim || a.node.y - b.node.y);
  let floor = Number.NEGATIVE_INFINITY;
  for (const { node, aim } of aims) {
    node.y = Math.max(aim, floor);
    floor = node.y + apart;
  }
  // Pushed down by those above: the layer as a whole goes back up by the mean of that.
  const shift = aims.reduce((sum, { node, aim }) => sum + node.y - aim, 0) / Math.max(aims.length, 1);
  for (const { node } of aims) node.y -= shift;
}

export function chainGraph(chain: Chain, apart: number): ChainGraph {
  const builder = new Builder();
  builder.goroutine(chain, 0);
  const nodes = [...builder.nodes.values()];
  const { edges } = builder;
  const layers: ChainNode[][] = [];
  for (const node of nodes) {
    const layer = layers[node.layer] ?? [];
    layers[node.layer] = layer;
    node.y = layer.length * apart;
    layer.push(node);
  }
  const near = new Map<ChainNode, ChainNode[]>(nodes.map((node) => [node, []]));
  for (const { from, to } of edges) {
    if (to.layer <= from.layer) continue;
    near.get(from)?.push(to);
    near.get(to)?.push(from);
  }
  const middle = (node: ChainNode) => {
    const all = near.get(node) ?? [];
    return all.length === 0 ? node.y : all.reduce((sum, { y }) => sum + y, 0) / all.length;
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const order = round % 2 === 0 ? layers : [...layers].reverse();
    for (const layer of order) settle(layer, middle, apart);
  }
  const least = Math.min(...nodes.map(({ y }) => y));
  for (const node of nodes) node.y -= least;
  const height = Math.max(...nodes.map(({ y }) => y)) + apart;
  return { nodes, edges, layers: layers.length, height };
}
