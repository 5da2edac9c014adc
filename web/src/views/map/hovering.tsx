// What is under the pointer: the cell's numbers, and the goroutine whose dot it is.
import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { whole } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import type { Feed } from "../../live/feed.ts";
import type { Tick } from "../../live/messages.ts";
import type { ShownRow } from "../../live/rows/window.ts";
import { FunctionName } from "../../parts/names.tsx";
import { Who } from "../live/who.tsx";
import { clusterOf } from "./chosen.ts";
import type { Block } from "./geometry.ts";
import { columnName } from "./heads.tsx";

export interface Hovered {
  readonly x: number;
  readonly y: number;
  readonly block: Block;
  readonly rank: number;
}

/** The note stays on the surface: left of the pointer where there is no room at its right, below it where there is none. */
const ROOM = 320;

function placeOf(x: number, y: number, width: number): Record<string, string> {
  const top = `${y + 14}px`;
  if (x + ROOM <= width) return { left: `${x + 14}px`, top };
  return x >= ROOM ? { left: `${x - 14}px`, top, translate: "-100%" } : { left: "8px", right: "8px", top };
}

interface HoveringProps {
  readonly feed: Feed;
  readonly tick: Tick;
  readonly hovered: ReadonlySignal<Hovered | undefined>;
  /** Of the surface, pixels. */
  readonly width: number;
}

export function Hovering({ hovered, ...rest }: HoveringProps) {
  const over = hovered.value;
  return over ? <Note over={over} {...rest} /> : null;
}

function Note({ feed, tick, over, width }: Omit<HoveringProps, "hovered"> & { readonly over: Hovered }) {
  const { block, rank, x, y } = over;
  const [row, setRow] = useState<ShownRow | null>(null);
  useEffect(() => {
    let isWanted = true;
    setRow(null);
    if (rank < block.count) feed.who(block.cell, rank).then((found) => isWanted && setRow(found));
    return () => {
      isWanted = false;
    };
  }, [feed, block.cell, rank, block.count]);
  const { live } = words.value;
  const { p, column, colour } = block.meaning;
  const cluster = clusterOf(colour, tick.clusterColours, feed.clusters.value);
  return (
    <div class="map-note" style={placeOf(x, y, width)}>
      <p>
        <span class="strong">{whole(block.count)}</span> {columnName(tick, column)}
        <span class="dim"> · {p < 0 ? live.map.noP : `P${p}`}</span>
      </p>
      {cluster?.own && (
        <p class="clip dim">
          <FunctionName name={cluster.own.function} />
        </p>
      )}
      {row && (
        <div class="map-note-who">
          <Who row={row} />
        </div>
      )}
    </div>
  );
}
