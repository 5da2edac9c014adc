// Where cells are, and dots within them. Ps are rows at the top; below lie those without a P, which are mostly nearly
// all, in piles: the wider the higher, as many as there are.
import { type CellMeaning, COLUMNS, cellOf, meaningOf, ROWS, STRATA } from "../../live/cells/grid.ts";

/** A rectangle of dots: they go from its corner along x, then down, or up in piles. */
export interface Block {
  readonly cell: number;
  readonly meaning: CellMeaning;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
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

const COLUMN_MIN = 74;
const GAP = 10;
const PITCH_MAX = 14;
/** Dots of small piles are not drawn as small as those of large ones. */
const PITCH_SEEN = 4.5;
/** Dots that are nearer are drawn as an area. */
const PITCH_AREA = 3;
const STATUS_COLUMNS = 3;

/** The next of few sizes: the picture is not to move for each goroutine that comes. */
export function roomy(count: number): number {
  return count < 24 ? count : Math.ceil(1.12 ** Math.ceil(Math.log(count) / Math.log(1.12)));
}

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
      height,
      counts,
    ),
  ]);
  return { width, height, columns, rowHeight, rows, pilesFrom, blocks };
}

function pileCount(column: number, counts: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (let colour = 0; colour < STRATA; colour += 1)
    sum += roomy(counts.get(cellOf(column, -1, colour)) ?? 0);
  return sum;
}

function onPs(column: number, counts: ReadonlyMap<number, number>): boolean {
  for (const [cell, count] of counts) {
    const meaning = meaningOf(cell);
    if (count > 0 && meaning.p >= 0 && meaning.column === column) return true;
  }
  return false;
}

/** Columns as wide as their piles need, none too narrow to be read. What has nobody has no column. */
function columnPlaces(columns: number, counts: ReadonlyMap<number, number>, width: number): ColumnPlace[] {
  const shown = Array.from({ length: Math.min(columns, COLUMNS) }, (_, column) => ({
    column,
    weight: pileCount(column, counts),
  })).filter(({ column, weight }) => column < STATUS_COLUMNS || weight > 0 || onPs(column, counts));
  const least = Math.min(COLUMN_MIN, width / Math.max(shown.length, 1) - GAP);
  const total = shown.reduce((sum, { weight }) => sum + weight, 0);
  const free = width - shown.length * (least + GAP) + GAP;
  let x = 0;
  return shown.map(({ column, weight }) => {
    const share = total > 0 ? weight / total : 1 / shown.length;
    const place = { column, x, width: least + Math.max(free, 0) * share };
    x += place.width + GAP;
    return place;
  });
}

/** The largest distance of dots with which a pile fits. */
function pilePitch(
  { column, width }: ColumnPlace,
  counts: ReadonlyMap<number, number>,
  height: number,
): number {
  let pitch = PITCH_MAX;
  if (pileCount(column, counts) === 0) return pitch;
  // Each stratum may end with a row that is not full.
  while (pitch > 0.02 && pileHeight(column, counts, width, pitch) > height) pitch *= 0.97;
  return pitch;
}

/** Whole pixels where dots are told apart: others would look like a pattern that is not there. */
function snapped(pitch: number): number {
  return pitch < PITCH_AREA ? pitch : Math.floor(pitch);
}

function pileHeight(
  column: number,
  counts: ReadonlyMap<number, number>,
  width: number,
  pitch: number,
): number {
  const perRow = Math.max(1, Math.floor(width / pitch));
  let rows = 0;
  for (let colour = 0; colour < STRATA; colour += 1) {
    const count = counts.get(cellOf(column, -1, colour)) ?? 0;
    if (count > 0) rows += Math.ceil(roomy(count) / perRow) + 0.5;
  }
  return rows * pitch;
}

/** Strata from the ground up: the largest stacks' colours in their order, all others on top. */
function pileBlocks(
  { column, x, width }: ColumnPlace,
  pitch: number,
  ground: number,
  counts: ReadonlyMap<number, number>,
): Block[] {
  const perRow = Math.max(1, Math.floor(width / pitch));
  const blocks: Block[] = [];
  let y = ground;
  for (let index = 1; index <= STRATA; index += 1) {
    const colour = index % STRATA;
    const cell = cellOf(column, -1, colour);
    const count = counts.get(cell) ?? 0;
    if (count === 0) continue;
    const height = Math.ceil(roomy(count) / perRow) * pitch;
    const meaning = { column, p: -1, colour };
    blocks.push({ cell, meaning, x, y: y - height, width, height, pitch, perRow, isPile: true, count });
    y -= height + pitch / 2;
  }
  return blocks;
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
    blocks.push({ cell, meaning, x, y: p * rowHeight, width, height, pitch, perRow, isPile: false, count });
  }
  return blocks;
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
      block.pitch === other.pitch &&
      block.height === other.height
    );
  });
}
