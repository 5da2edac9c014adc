// The chain drawn: edges as SVG, nodes as text over it, with links to the goroutines.
import { useMemo } from "preact/hooks";
import type { Chain, WaitObject } from "../../api/goroutine.ts";
import { span } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { FunctionName } from "../../parts/names.tsx";
import { targetAddress } from "../live/target_head.tsx";
import { type ChainEdge, type ChainNode, chainGraph } from "./chain_graph.ts";

const WIDTH = 184;
const HEIGHT = 66;
const APART_X = 257;
const APART_Y = 92;
/** Edges that lead back go below all nodes. */
const BACK = 34;

/** `mutex, locked`; `channel 0/4, closed`. */
export function objectWords(object: WaitObject): string {
  const { kind, direction, len, cap, closed, locked, counter, waiters } = object;
  const parts = [kind.replaceAll("_", " ")];
  if (direction) parts.push(direction);
  if (len !== null && cap !== null) parts.push(`${len}/${cap}`);
  if (closed) parts.push("closed");
  if (locked !== null) parts.push(locked ? "locked" : "unlocked");
  if (counter !== null) parts.push(`counter ${counter}`);
  if (waiters !== null) parts.push(`${waiters} waiting`);
  return printable(parts.join(", "));
}

function Edge({ edge, bottom }: { edge: ChainEdge; bottom: number }) {
  const { chain } = words.value.live;
  const { from, to, waker } = edge;
  const [x1, y1] = [from.layer * APART_X + WIDTH, from.y + HEIGHT / 2];
  const [x2, y2] = [to.layer * APART_X, to.y + HEIGHT / 2];
  const isBack = to.layer <= from.layer;
  const path = isBack
    ? `M${x1} ${y1} C${x1 + 60} ${y1} ${x1 + 60} ${bottom} ${x1 - 20} ${bottom} L${x2 + 20} ${bottom} C${x2 - 60} ${bottom} ${x2 - 60} ${y2} ${x2} ${y2}`
    : `M${x1} ${y1} C${x1 + 40} ${y1} ${x2 - 40} ${y2} ${x2} ${y2}`;
  const said = waker ? (waker.probable ? chain.probably : chain.couldEnd) : chain.waits;
  const isDead = from.goroutine?.deadlocked || to.goroutine?.deadlocked;
  const holds: Readonly<Record<string, string>> = chain.holds;
  const hold = waker && (Object.hasOwn(holds, waker.hold) ? holds[waker.hold] : waker.hold);
  return (
    <g
      class={`chain-edge ${waker ? "end" : "wait"} ${waker?.probable ? "probable" : ""} ${isDead ? "dead" : ""}`}
    >
      <title>{hold ?? said}</title>
      <path d={path} marker-end="url(#chain-arrow)" />
      <text
        x={isBack ? (x1 + x2) / 2 : (x1 + x2) / 2}
        y={isBack ? bottom - 6 : (y1 + y2) / 2 - 6}
        text-anchor="middle"
      >
        {said}
      </text>
    </g>
  );
}

function GoroutineNode({ chain, target, isFirst }: { chain: Chain; target: string; isFirst: boolean }) {
  const { live } = words.value;
  return (
    <>
      <p class="strong">
        {isFirst ? (
          <>
            {live.goroutine} {chain.id}
          </>
        ) : (
          <a href={targetAddress(target, `/goroutines/${chain.id}`)}>
            {live.goroutine} {chain.id}
          </a>
        )}
        {chain.deadlocked && <span class="chain-dead">{live.chain.deadlock}</span>}
      </p>
      <p class="clip">{chain.at && <FunctionName name={chain.at.function} />}</p>
      <p class="clip dim">
        {printable(chain.wait_reason ?? chain.status)}
        {chain.waiting_since_ms !== null && ` · ${span(chain.waiting_since_ms)}`}
        {chain.cut && ` · ${live.chain.cut}`}
      </p>
    </>
  );
}

function Node({ node, target, isFirst }: { node: ChainNode; target: string; isFirst: boolean }) {
  const { chain } = words.value.live;
  const { goroutine, wait } = node;
  const kind = goroutine ? `of-goroutine ${goroutine.deadlocked ? "dead" : ""}` : "of-object";
  return (
    <div
      class={`chain-node ${kind} ${isFirst ? "first" : ""}`}
      style={{
        left: `${node.layer * APART_X}px`,
        top: `${node.y}px`,
        width: `${WIDTH}px`,
        height: `${HEIGHT}px`,
      }}
    >
      {goroutine && <GoroutineNode chain={goroutine} target={target} isFirst={isFirst} />}
      {wait && (
        <>
          <p class="strong clip">{objectWords(wait.object)}</p>
          <p class="clip dim">
            <code>{wait.object.address}</code>
          </p>
          <p class="clip dim">
            {chain.waiting(String(wait.waiting))}
            {wait.fires_in_ms !== null && ` · ${chain.fires(span(wait.fires_in_ms))}`}
          </p>
        </>
      )}
    </div>
  );
}

export function ChainPicture({ chain, target }: { chain: Chain; target: string }) {
  const { live } = words.value;
  const graph = useMemo(() => chainGraph(chain, APART_Y), [chain]);
  const hasBack = graph.edges.some(({ from, to }) => to.layer <= from.layer);
  const height = graph.height - (APART_Y - HEIGHT) + (hasBack ? BACK : 4);
  const width = (graph.layers - 1) * APART_X + WIDTH + 52;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a figure would want a caption; the section's heading is one.
    <div class="chain-picture" role="group" aria-label={live.chain.label(graph.nodes.length)}>
      <div
        class={`chain-sheet ${hasBack ? "has-back" : ""}`}
        style={{ width: `${width}px`, height: `${height}px` }}
      >
        <svg width={width} height={height} aria-hidden="true">
          <defs>
            <marker
              id="chain-arrow"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
            >
              <path d="M0 0 8 4 0 8z" fill="context-stroke" />
            </marker>
          </defs>
          {graph.edges.map((edge) => (
            <Edge key={`${edge.from.key} ${edge.to.key}`} edge={edge} bottom={height - 8} />
          ))}
        </svg>
        {graph.nodes.map((node, index) => (
          <Node key={node.key} node={node} target={target} isFirst={index === 0} />
        ))}
      </div>
    </div>
  );
}
