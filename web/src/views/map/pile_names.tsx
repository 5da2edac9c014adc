// Names of stacks on their strata, where there is room.
import { clock, whole } from "../../format/figures.ts";
import { fileName, printable, splitFunction } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import type { ShownCluster, Tick } from "../../live/messages.ts";
import type { Camera } from "./camera.ts";
import { clusterOf, sinceOf } from "./chosen.ts";
import type { Geometry } from "./geometry.ts";

const HEIGHT_MIN = 34;
const WIDTH_MIN = 110;
const TWO_LINES_MIN = 60;

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
      {geometry.blocks.map(({ cell, meaning, isPile, x, y, width, height }) => {
        const cluster = isPile ? clusterOf(meaning.colour, tick.clusterColours, clusters) : undefined;
        const own = cluster?.own;
        const [left, top] = [Math.max(x * camera.zoom + camera.x, 0), y * camera.zoom + camera.y];
        const right = Math.min((x + width) * camera.zoom + camera.x, geometry.width);
        const isSeen = top > -height * camera.zoom && top < geometry.height;
        if (!own || !isSeen || right - left < WIDTH_MIN || height * camera.zoom < HEIGHT_MIN) return null;
        return (
          <span
            key={cell}
            class="pile-name"
            style={{
              left: `${left + 6}px`,
              top: `${Math.max(top, 0) + 6}px`,
              maxWidth: `${right - left - 12}px`,
            }}
          >
            {printable(splitFunction(own.function)[1])}{" "}
            <span class="dim">
              {printable(fileName(own.file))}
              {own.line > 0 && `:${own.line}`}
            </span>
            {height * camera.zoom >= TWO_LINES_MIN && <Since tick={tick} cluster={cluster} />}
          </span>
        );
      })}
    </div>
  );
}
