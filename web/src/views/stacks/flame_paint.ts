// Draws the boxes of a flame graph.
import { printable, splitFunction } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { colour } from "../../theme/theme.ts";
import type { Camera } from "../map/camera.ts";
import { FlameColours } from "./flame_colours.ts";
import type { Box } from "./flame_layout.ts";

/** Height of a box. */
export const BOX_PX = 20;
/** Room for two letters. */
const NAMED_FROM_PX = 24;

/** How boxes look. */
export interface FlameLook {
  /** Counts by path at the pinned moment. */
  readonly before: ReadonlyMap<string, number> | undefined;
  readonly isIcicle: boolean;
  readonly byAge: boolean;
  readonly find: string;
}

function fill(colours: FlameColours, box: Box, { before, byAge }: FlameLook): string {
  if (before) return colours.byChange(box.node.tally.count, before.get(box.key) ?? 0);
  return byAge ? colours.byAge(box.node) : colours.byState(box.node);
}

/** The name on a box. */
export function nameOn(box: Box): string {
  return box.parent
    ? printable(splitFunction(box.node.name)[1] || box.node.name)
    : words.value.live.stacks.whole;
}

/** Draws all boxes. */
export function paint(
  canvas: HTMLCanvasElement,
  boxes: readonly Box[],
  rows: number,
  chosen: string,
  camera: Camera,
  props: FlameLook,
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const ratio = canvas.width / canvas.clientWidth;
  const width = canvas.clientWidth;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, canvas.clientHeight);
  context.font = `12px ${getComputedStyle(canvas).fontFamily}`;
  context.textBaseline = "middle";
  const colours = new FlameColours();
  const [text, accent, faint] = [colour("text"), colour("accent"), colour("sunken")];
  for (const box of boxes) {
    const y = (props.isIcicle ? box.depth : rows - 1 - box.depth) * BOX_PX;
    const [x, w] = [box.x * width * camera.zoom + camera.x, box.width * width * camera.zoom - 1];
    if (x > width || x + w < 0) continue;
    const isFound = props.find === "" || box.node.name.toLowerCase().includes(props.find);
    context.fillStyle = isFound ? fill(colours, box, props) : faint;
    context.fillRect(x, y, Math.max(w, 0.6), BOX_PX - 1);
    if (box.key === chosen) {
      context.strokeStyle = accent;
      context.lineWidth = 2;
      context.strokeRect(x + 1, y + 1, Math.max(w - 2, 1), BOX_PX - 3);
    }
    if (w < NAMED_FROM_PX) continue;
    context.fillStyle = text;
    // A name stays in sight as long as anything of its box does.
    const from = Math.max(x, 0);
    context.fillText(cut(context, nameOn(box), Math.min(x + w, width) - from - 8), from + 4, y + BOX_PX / 2);
  }
}

function cut(context: CanvasRenderingContext2D, said: string, width: number): string {
  const letters = Math.floor(width / 6.2);
  if (said.length <= letters && context.measureText(said).width <= width) return said;
  let short = said.slice(0, letters);
  while (short.length > 1 && context.measureText(`${short}…`).width > width) short = short.slice(0, -1);
  return short.length > 1 ? `${short}…` : "";
}
