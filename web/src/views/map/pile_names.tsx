// Names of stacks above their strata, where there is room: on them, they would hide dots.
import { clock, whole } from "../../format/figures.ts";
import { fileName, printable, splitFunction } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import type { ShownCluster, Tick } from "../../live/messages.ts";
import type { Camera } from "./camera.ts";
import { clusterOf, sinceOf } from "./chosen.ts";
import { filledHeight, type Geometry } from "./geometry.ts";
import { NAME_LINE, NAMED_HEIGHT_MIN, NAMED_WIDTH_MIN } from "./piles.ts";

/** How many of a stack there are anywhere, and since when the oldest waits. */
function Since({ tick, cluster }: { tick: Tick; cluster: ShownCluster }) {
  const { live } = words.value;
  const since = sinceOf(tick, cluster.number);
  return (
    <span class="pile-since">
      <strong>{whole(tick.clusterCounts[cluster.number] ?? 0)}</strong>
      {since !== undefined && ` · ${live.map.since(clock(since))}`}
    </span>
  );
}

interface PileNamesProps {
  readonly geometry: Geometry;
  readonly camera: Camera;
  readonly tick: Tick;
  readonly clusters: readonly ShownCluster[];
}

export function PileNames({ geometry, camera, tick, clusters }: PileNamesProps) {
  return (
    <div class="pile-names" aria-hidden="true">
      {geometry.blocks.map((block) => {
        const { cell, meaning, isPile, x, width, height, above } = block;
        const cluster = isPile ? clusterOf(meaning.colour, tick.clusterColours, clusters) : undefined;
        const own = cluster?.own;
        const left = Math.max(x * camera.zoom + camera.x, 0);
        const right = Math.min((x + width) * camera.zoom + camera.x, geometry.width);
        if (!own || right - left < NAMED_WIDTH_MIN || height * camera.zoom < NAMED_HEIGHT_MIN) return null;
        // Where the pile goes on above what is seen, there is no place that is not full of dots.
        const unused = height - filledHeight(block);
        const top = (block.y + unused) * camera.zoom + camera.y;
        const lines = Math.min(Math.floor(Math.min((above + unused) * camera.zoom, top) / NAME_LINE), 2);
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
            {printable(splitFunction(own.function)[1])}{" "}
            <span class="dim">
              {printable(fileName(own.file))}
              {own.line > 0 && `:${own.line}`}
            </span>
            {lines > 1 && <Since tick={tick} cluster={cluster} />}
          </span>
        );
      })}
    </div>
  );
}
