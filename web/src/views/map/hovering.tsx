// What is under the pointer: the cell's numbers, and the goroutine whose dot it is.
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

/** The note stays on the surface: left of the pointer where there is no room at its right. */
const ROOM = 300;

export function Hovering({ feed, tick, hovered }: { feed: Feed; tick: Tick; hovered: Hovered }) {
  const { block, rank, x, y } = hovered;
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
  const isRight = x + ROOM < innerWidth - 200;
  return (
    <div
      class="map-note"
      style={{
        left: `${isRight ? x + 14 : x - 14}px`,
        top: `${y + 14}px`,
        translate: isRight ? "0" : "-100%",
      }}
    >
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
