// Where cells are, and dots within them. Ps are rows at the top; below lie those without a P, which are mostly nearly
// all, in piles.
import { type CellMeaning, cellOf, ROWS } from "../../live/cells/grid.ts";
import { columnPlaces, GAP, PITCH_MAX, pileBlocks, pilePitch, roomy, snapped } from "./piles.ts";

/** A rectangle of dots: they go from its corner along x, then down, or up in piles. */
export interface Block {
  readonly cell: number;
  readonly meaning: CellMeaning;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** How much is empty above it: room for its name. */
  readonly above: number;
  readonly pitch: number;
  readonly perRow: number;
  readonly isPile: boolean;
  readonly count: number;
}

export interface ColumnPlace {
  readonly column: number;
  readonly x: number;
  readonly width: number;
}

export interface Geometry {
  readonly width: number;
  readonly height: number;
  readonly columns: readonly ColumnPlace[];
  /** Height of the row of a P. */
  readonly rowHeight: number;
  readonly rows: number;
  /** Where piles may begin, and end. */
  readonly pilesFrom: number;
  readonly blocks: readonly Block[];
}

export interface Cells {
  readonly columns: number;
  /** Cell, number of goroutines, number that the filter lets through. */
  readonly cells: Uint32Array;
  readonly ps: number;
}

/** Dots of small piles are not drawn as small as those of large ones. */
const PITCH_SEEN = 4.5;

export function geometryOf(seen: Cells, width: number, height: number): Geometry {
  const counts = new Map<number, number>();
  for (let at = 0; at + 1 < seen.cells.length; at += 3)
    counts.set(seen.cells[at] ?? 0, seen.cells[at + 1] ?? 0);
  const rows = Math.min(seen.ps + 1, ROWS);
  const rowHeight = rows === 0 ? 0 : Math.min(Math.max((height * 0.42) / rows, 3), 24);
  const pilesFrom = Math.min(rows * rowHeight + GAP, height * 0.6);
  const columns = columnPlaces(seen.columns, counts, width);
  const pitches = columns.map((place) => pilePitch(place, counts, height - pilesFrom));
  const least = Math.min(...pitches);
  const blocks = columns.flatMap((place, index) => [
    ...rowBlocks(place, rows, rowHeight, counts),
    ...pileBlocks(
      place,
      snapped(Math.min(pitches[index] ?? least, Math.max(least, PITCH_SEEN))),
      { top: pilesFrom, ground: height },
      counts,
    ),
  ]);
  return { width, height, columns, rowHeight, rows, pilesFrom, blocks };
}

function rowBlocks(
  { column, x, width }: ColumnPlace,
  rows: number,
  rowHeight: number,
  counts: ReadonlyMap<number, number>,
): Block[] {
  const blocks: Block[] = [];
  const height = Math.max(rowHeight - 2, rowHeight * 0.75);
  for (let p = 0; p < rows; p += 1) {
    const cell = cellOf(column, p, 0);
    const count = counts.get(cell) ?? 0;
    if (count === 0) continue;
    let pitch = Math.min(PITCH_MAX, height);
    while (Math.ceil(roomy(count) / Math.max(1, Math.floor(width / pitch))) * pitch > height) pitch *= 0.95;
    const perRow = Math.max(1, Math.floor(width / pitch));
    const meaning = { column, p, colour: -1 };
    const y = p * rowHeight;
    blocks.push({ cell, meaning, x, y, width, height, above: 0, pitch, perRow, isPile: false, count });
  }
  return blocks;
}

/** How high dots are in a block: it has room for some more. */
export function filledHeight({ count, perRow, pitch }: Block): number {
  return Math.ceil(count / perRow) * pitch;
}

/** The block at a point, and the rank of the dot there; ranks beyond its number are nobody's. */
export function dotAt(geometry: Geometry, x: number, y: number): { block: Block; rank: number } | undefined {
  const block = geometry.blocks.find(
    (at) => x >= at.x && x < at.x + at.width && y >= at.y && y < at.y + at.height,
  );
  if (!block) return undefined;
  const column = Math.min(Math.floor((x - block.x) / block.pitch), block.perRow - 1);
  const up = block.isPile ? block.y + block.height - y : y - block.y;
  return { block, rank: Math.floor(up / block.pitch) * block.perRow + column };
}

/** Whether every dot is where it was: then nothing is told to the graphics card. */
export function sameGeometry(a: Geometry | undefined, b: Geometry): boolean {
  if (a?.blocks.length !== b.blocks.length || a.width !== b.width || a.height !== b.height) return false;
  return a.blocks.every((block, index) => {
    const other = b.blocks[index];
    return (
      block.cell === other?.cell &&
      block.x === other.x &&
      block.y === other.y &&
      block.y === other.y &&
      block.pitch === other.pitch &&
      block.height === other.height
    );
  });
}
