// Names of columns and rows beside the map, which move with it.
import type { ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
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
  readonly camera: ReadonlySignal<Camera>;
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

/** What is said of columns: made once a tick, not whenever the map moves. */
function columnTexts(tick: Tick) {
  const counts = sums(tick, (column) => column);
  return tick.columns.map((_, column) => {
    const { count, matched } = counts.get(column) ?? { count: 0, matched: 0 };
    const [name, all, few] = [columnName(tick, column), whole(count), compact(count)];
    const narrow = matched === count ? few : `${whole(matched)} / ${few}`;
    const wide = matched === count ? all : narrow;
    return { name, title: `${name}: ${all}`, isNone: count === 0, narrow, wide };
  });
}

export function ColumnHeads({ geometry, camera, tick }: HeadsProps) {
  // Names and numbers are in it.
  const language = words.value;
  const texts = useMemo(() => columnTexts(tick), [tick, language]);
  const { x: moved, zoom } = camera.value;
  return (
    <div class="map-columns" aria-hidden="true">
      {geometry.columns.map(({ column, x, width }) => {
        const text = texts[column];
        const left = x * zoom + moved;
        const right = left + width * zoom;
        if (!text || right < 24 || left > geometry.width - 12) return null;
        // A name stays in sight as long as anything of its column does.
        const from = Math.max(left, 0);
        return (
          <div
            key={column}
            class={`map-column ${text.isNone ? "none" : ""}`}
            style={{ left: `${from}px`, width: `${Math.min(right, geometry.width) - from}px` }}
            title={text.title}
          >
            <span class="map-column-name">{text.name}</span>
            <span class="map-column-count">{width * zoom < NARROW_PX ? text.narrow : text.wide}</span>
          </div>
        );
      })}
    </div>
  );
}

export function RowHeads({ geometry, camera, tick }: HeadsProps) {
  const { live } = words.value;
  const counts = useMemo(() => sums(tick, (_, p) => p), [tick]);
  const { y, zoom } = camera.value;
  const step = Math.max(1, Math.ceil(ROW_NAME_PX / Math.max(geometry.rowHeight * zoom, 0.1)));
  const rows = Array.from({ length: geometry.rows }, (_, p) => p).filter((p) => p % step === 0);
  const parked = Math.max(geometry.pilesFrom * zoom + y, 0);
  return (
    <div class="map-rows" aria-hidden="true">
      {rows.map((p) => {
        const top = p * geometry.rowHeight * zoom + y;
        if (top < -8 || top > geometry.height - 12) return null;
        return (
          <span
            key={p}
            class={`map-row ${counts.get(p)?.count ? "" : "none"}`}
            style={{ top: `${top}px`, height: `${geometry.rowHeight * zoom * step}px` }}
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

/** The line between the rows of Ps and the piles below them. */
export function Divide({ geometry, camera }: Omit<HeadsProps, "tick">) {
  if (geometry.rows === 0) return null;
  const { y, zoom } = camera.value;
  return <div class="map-divide" style={{ top: `${(geometry.pilesFrom - 5) * zoom + y}px` }} />;
}
