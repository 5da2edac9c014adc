// Names of columns and rows beside the map, which move with it.
import { compact, whole } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { meaningOf } from "../../live/cells/grid.ts";
import type { Tick } from "../../live/messages.ts";
import type { Camera } from "./camera.ts";
import type { Geometry } from "./geometry.ts";

/** Names of rows are not written smaller than this, but left out. */
const ROW_NAME_PX = 13;
/** Columns narrower than this have no room for all digits. */
const NARROW_PX = 56;

interface HeadsProps {
  readonly geometry: Geometry;
  readonly camera: Camera;
  readonly tick: Tick;
}

function sums(
  tick: Tick,
  keyOf: (column: number, p: number) => number,
): Map<number, { count: number; matched: number }> {
  const found = new Map<number, { count: number; matched: number }>();
  for (let at = 0; at + 2 < tick.cells.length; at += 3) {
    const { column, p } = meaningOf(tick.cells[at] ?? 0);
    const key = keyOf(column, p);
    const sum = found.get(key) ?? { count: 0, matched: 0 };
    sum.count += tick.cells[at + 1] ?? 0;
    sum.matched += tick.cells[at + 2] ?? 0;
    found.set(key, sum);
  }
  return found;
}

export function columnName(tick: Tick, column: number): string {
  const known = tick.columns[column];
  const { live } = words.value;
  if (known?.kind === "runtime") return live.table.runtime;
  return known && known.kind !== "others" ? printable(known.name) : live.map.others;
}

export function ColumnHeads({ geometry, camera, tick }: HeadsProps) {
  const counts = sums(tick, (column) => column);
  return (
    <div class="map-columns" aria-hidden="true">
      {geometry.columns.map(({ column, x, width }) => {
        const { count, matched } = counts.get(column) ?? { count: 0, matched: 0 };
        const left = x * camera.zoom + camera.x;
        const right = left + width * camera.zoom;
        if (right < 24 || left > geometry.width - 12) return null;
        // A name stays in sight as long as anything of its column does.
        const from = Math.max(left, 0);
        return (
          <div
            key={column}
            class={`map-column ${count === 0 ? "none" : ""}`}
            style={{ left: `${from}px`, width: `${Math.min(right, geometry.width) - from}px` }}
            title={`${columnName(tick, column)}: ${whole(count)}`}
          >
            <span class="map-column-name">{columnName(tick, column)}</span>
            <span class="map-column-count">
              {matched === count
                ? (width * camera.zoom < NARROW_PX ? compact : whole)(count)
                : `${whole(matched)} / ${compact(count)}`}
            </span>
          </div>
        );
      })}
    </div>
  );
}

export function RowHeads({ geometry, camera, tick }: HeadsProps) {
  const { live } = words.value;
  const counts = sums(tick, (_, p) => p);
  const step = Math.max(1, Math.ceil(ROW_NAME_PX / Math.max(geometry.rowHeight * camera.zoom, 0.1)));
  const rows = Array.from({ length: geometry.rows }, (_, p) => p).filter((p) => p % step === 0);
  const parked = Math.max(geometry.pilesFrom * camera.zoom + camera.y, 0);
  return (
    <div class="map-rows" aria-hidden="true">
      {rows.map((p) => {
        const top = p * geometry.rowHeight * camera.zoom + camera.y;
        if (top < -8 || top > geometry.height - 12) return null;
        return (
          <span
            key={p}
            class={`map-row ${counts.get(p)?.count ? "" : "none"}`}
            style={{ top: `${top}px`, height: `${geometry.rowHeight * camera.zoom * step}px` }}
          >
            P{p} <span class="dim">{counts.get(p)?.count || ""}</span>
          </span>
        );
      })}
      {parked < geometry.height - 30 && (
        <span class="map-row parked" style={{ top: `${parked}px` }}>
          {live.map.noP}
          <span class="dim">{compact(counts.get(-1)?.count ?? 0)}</span>
        </span>
      )}
    </div>
  );
}
