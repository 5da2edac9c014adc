// Names of stacks above their strata, where there is room: on them, they would hide dots.
import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { clock, whole } from "../../format/figures.ts";
import { fileName, printable, splitFunction } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import type { ShownCluster, Tick } from "../../live/messages.ts";
import type { Camera } from "./camera.ts";
import { clusterOf, sinceOf } from "./chosen.ts";
import { type Block, filledHeight, type Geometry } from "./geometry.ts";
import { NAME_LINE, NAMED_HEIGHT_MIN, NAMED_WIDTH_MIN } from "./piles.ts";

interface PileNamesProps {
  readonly geometry: Geometry;
  readonly camera: ReadonlySignal<Camera>;
  readonly tick: Tick;
  readonly clusters: readonly ShownCluster[];
}

/** A pile that has a name: the name, and how many of the stack there are anywhere, and since when the oldest waits. */
interface Named {
  readonly block: Block;
  readonly name: ComponentChildren;
  readonly since: ComponentChildren;
}

function nameOf({ number, own }: ShownCluster, tick: Tick): Omit<Named, "block"> | undefined {
  if (!own) return undefined;
  const since = sinceOf(tick, number);
  return {
    name: (
      <>
        {printable(splitFunction(own.function)[1])}{" "}
        <span class="dim">
          {printable(fileName(own.file))}
          {own.line > 0 && `:${own.line}`}
        </span>
      </>
    ),
    since: (
      <span class="pile-since">
        <strong>{whole(tick.clusterCounts[number] ?? 0)}</strong>
        {since !== undefined && ` · ${words.value.live.map.since(clock(since))}`}
      </span>
    ),
  };
}

/** Names are made once a tick, not whenever the map moves. */
function named({ geometry, tick, clusters }: Omit<PileNamesProps, "camera">): Named[] {
  return geometry.blocks.flatMap((block) => {
    const cluster = block.isPile ? clusterOf(block.meaning.colour, tick.clusterColours, clusters) : undefined;
    const name = cluster && nameOf(cluster, tick);
    return name ? [{ block, ...name }] : [];
  });
}

export function PileNames({ geometry, camera, tick, clusters }: PileNamesProps) {
  // Numbers and times are in it.
  const language = words.value;
  const all = useMemo(() => named({ geometry, tick, clusters }), [geometry, tick, clusters, language]);
  const { x: movedX, y: movedY, zoom } = camera.value;
  return (
    <div class="pile-names" aria-hidden="true">
      {all.map(({ block, name, since }) => {
        const { cell, x, width, height, above } = block;
        const left = Math.max(x * zoom + movedX, 0);
        const right = Math.min((x + width) * zoom + movedX, geometry.width);
        if (right - left < NAMED_WIDTH_MIN || height * zoom < NAMED_HEIGHT_MIN) return null;
        // Where the pile goes on above what is seen, there is no place that is not full of dots.
        const unused = height - filledHeight(block);
        const top = (block.y + unused) * zoom + movedY;
        const lines = Math.min(Math.floor(Math.min((above + unused) * zoom, top) / NAME_LINE), 2);
        if (lines < 1 || top > geometry.height) return null;
        return (
          <span
            key={cell}
            class="pile-name"
            style={{
              left: `${left}px`,
              top: `${top - lines * NAME_LINE}px`,
              maxWidth: `${right - left}px`,
            }}
          >
            {name}
            {lines > 1 && since}
          </span>
        );
      })}
    </div>
  );
}
