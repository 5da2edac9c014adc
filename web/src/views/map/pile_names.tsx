// Names of stacks on their strata, where there is room.
import { printable, splitFunction } from "../../format/printable.ts";
import type { ShownCluster, Tick } from "../../live/messages.ts";
import type { Camera } from "./camera.ts";
import { clusterOf } from "./chosen.ts";
import type { Geometry } from "./geometry.ts";

const HEIGHT_MIN = 34;
const WIDTH_MIN = 110;

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
        const own = isPile ? clusterOf(meaning.colour, tick.clusterColours, clusters)?.own : undefined;
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
            {printable(splitFunction(own.function)[1])}
          </span>
        );
      })}
    </div>
  );
}
