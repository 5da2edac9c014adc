// The piles of those without a P: a column for each thing that they do, the wider the more there are, with a stratum for
// each of the largest stacks and room for its name above it.
import { COLUMNS, cellOf, meaningOf, STRATA } from "../../live/cells/grid.ts";
import type { Block, ColumnPlace } from "./geometry.ts";

const COLUMN_MIN = 74;
export const GAP = 10;
export const PITCH_MAX = 14;
/** Dots that are nearer are drawn as an area. */
const PITCH_AREA = 3;
const STATUS_COLUMNS = 3;

/** A line of a name; see `.pile-name`. */
export const NAME_LINE = 18;
/** Piles that are smaller have no name. */
export const NAMED_WIDTH_MIN = 110;
export const NAMED_HEIGHT_MIN = 34;
const TWO_LINES_HEIGHT_MIN = 120;

/** The next of few sizes: the picture is not to move for each goroutine that comes. */
export function roomy(count: number): number {
  return count < 24 ? count : Math.ceil(1.12 ** Math.ceil(Math.log(count) / Math.log(1.12)));
}

/** How many there is to be room for in each stratum of a column that has any. */
function strataOf(column: number, counts: ReadonlyMap<number, number>): Stratum[] {
  const strata: Stratum[] = [];
  for (let colour = 0; colour < STRATA; colour += 1) {
    const count = counts.get(cellOf(column, -1, colour)) ?? 0;
    if (count > 0) strata.push({ colour, room: roomy(count) });
  }
  return strata;
}

interface Stratum {
  readonly colour: number;
  readonly room: number;
}

function onPs(column: number, counts: ReadonlyMap<number, number>): boolean {
  for (const [cell, count] of counts) {
    const meaning = meaningOf(cell);
    if (count > 0 && meaning.p >= 0 && meaning.column === column) return true;
  }
  return false;
}

/** Columns as wide as their piles need, none too narrow to be read. What has nobody has no column. */
export function columnPlaces(
  columns: number,
  counts: ReadonlyMap<number, number>,
  width: number,
): ColumnPlace[] {
  const shown = Array.from({ length: Math.min(columns, COLUMNS) }, (_, column) => ({
    column,
    weight: strataOf(column, counts).reduce((sum, { room }) => sum + room, 0),
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
export function pilePitch(
  { column, width }: ColumnPlace,
  counts: ReadonlyMap<number, number>,
  height: number,
): number {
  let pitch = PITCH_MAX;
  const strata = strataOf(column, counts);
  // Each stratum may end with a row that is not full.
  while (pitch > 0.02 && pileHeight(strata, width, pitch) > height) pitch *= 0.97;
  return pitch;
}

/** Whole pixels where dots are told apart: others would look like a pattern that is not there. */
export function snapped(pitch: number): number {
  return pitch < PITCH_AREA ? pitch : Math.floor(pitch);
}

/** What is left empty above a stratum, for the name of its stack: in it, the name would hide dots. */
function nameRoom(colour: number, width: number, height: number): number {
  // Colour 0 are all other stacks, which have no name.
  if (colour === 0 || width < NAMED_WIDTH_MIN || height < NAMED_HEIGHT_MIN) return 0;
  return height < TWO_LINES_HEIGHT_MIN ? NAME_LINE : 2 * NAME_LINE;
}

function pileHeight(strata: readonly Stratum[], width: number, pitch: number): number {
  const perRow = Math.max(1, Math.floor(width / pitch));
  let height = 0;
  for (const { colour, room } of strata) {
    const pile = Math.ceil(room / perRow) * pitch;
    height += pile + pitch / 2 + nameRoom(colour, width, pile);
  }
  return height;
}

/** Strata from the ground up: the largest stacks' colours in their order, all others on top. */
export function pileBlocks(
  { column, x, width }: ColumnPlace,
  pitch: number,
  { top, ground }: { readonly top: number; readonly ground: number },
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
    const above = nameRoom(colour, width, height) + pitch / 2;
    y -= height;
    blocks.push({ cell, meaning, x, y, width, height, above, pitch, perRow, isPile: true, count });
    y -= above;
  }
  // Above the last there is nothing.
  return blocks.map((block, index) =>
    index === blocks.length - 1 ? { ...block, above: Math.max(block.y - top, 0) } : block,
  );
}
