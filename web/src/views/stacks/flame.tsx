// biome-ignore-all lint/a11y/noInteractiveElementToNoninteractiveRole: the canvas takes keys; what is chosen is said above it.
// The flame graph on a canvas: a picture that changes every second and has thousands of boxes is no work for elements.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { percent, signed, span, whole } from "../../format/figures.ts";
import { printable, splitFunction } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import type { Node } from "../../live/stacks/tree.ts";
import { CodePlace, FunctionName } from "../../parts/names.tsx";
import { change, changeSoon, place } from "../../router/place.ts";
import { colour, theme } from "../../theme/theme.ts";
import { sharpen, useSize } from "../live/size.ts";
import { FlameColours } from "./flame_colours.ts";
import { type Box, boxesOf, pathKey } from "./flame_layout.ts";

const BOX_PX = 20;
/** Room for two letters. */
const NAMED_FROM_PX = 24;

export interface FlameProps {
  readonly root: Node;
  /** Counts by path at the pinned moment. */
  readonly before: ReadonlyMap<string, number> | undefined;
  readonly isIcicle: boolean;
  readonly byAge: boolean;
  readonly find: string;
  readonly focus: string | undefined;
}

function fill(colours: FlameColours, box: Box, { before, byAge }: FlameProps): string {
  if (before) return colours.byChange(box.node.tally.count, before.get(box.key) ?? 0);
  return byAge ? colours.byAge(box.node) : colours.byState(box.node);
}

function name(box: Box): string {
  return box.parent
    ? printable(splitFunction(box.node.name)[1] || box.node.name)
    : words.value.live.stacks.whole;
}

function paint(
  canvas: HTMLCanvasElement,
  boxes: readonly Box[],
  rows: number,
  chosen: string,
  props: FlameProps,
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
    const [x, w] = [box.x * width, box.width * width - 1];
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
    context.fillText(cut(context, name(box), w - 8), x + 4, y + BOX_PX / 2);
  }
}

function cut(context: CanvasRenderingContext2D, said: string, width: number): string {
  const letters = Math.floor(width / 6.2);
  if (said.length <= letters && context.measureText(said).width <= width) return said;
  let short = said.slice(0, letters);
  while (short.length > 1 && context.measureText(`${short}…`).width > width) short = short.slice(0, -1);
  return short.length > 1 ? `${short}…` : "";
}

function Details({ box, root, before }: { box: Box; root: Node; before: FlameProps["before"] }) {
  const { live } = words.value;
  const { count, ageMs, aged } = box.node.tally;
  return (
    <p class="flame-details" role="status">
      {box.parent ? <FunctionName name={box.node.name} /> : live.stacks.whole}{" "}
      {box.node.file && <CodePlace file={box.node.file} line={box.node.line || null} />}{" "}
      <span>{live.stacks.share(whole(count), percent(count / Math.max(root.tally.count, 1)))}</span>
      {aged > 0 && <span class="dim"> · {live.stacks.meanAge(span(ageMs / aged))}</span>}
      {before && <span class="dim"> · {live.stacks.change(signed(count - (before.get(box.key) ?? 0)))}</span>}
    </p>
  );
}

function beside(boxes: readonly Box[], from: Box, key: string): Box | undefined {
  const siblings = boxes.filter(({ parent, depth }) => parent === from.parent && depth === from.depth);
  const at = siblings.indexOf(from);
  switch (key) {
    case "ArrowLeft":
      return siblings[at - 1];
    case "ArrowRight":
      return siblings[at + 1];
    case "outwards":
      return from.parent;
    case "inwards":
      return boxes.filter(({ parent }) => parent === from).sort((a, b) => b.width - a.width)[0];
    default:
      return undefined;
  }
}

/** Which way a key leads: inwards is where the boxes grow to. */
function wayOf(key: string, isIcicle: boolean): string {
  if (key === "ArrowDown") return isIcicle ? "inwards" : "outwards";
  if (key === "ArrowUp") return isIcicle ? "outwards" : "inwards";
  return key;
}

export function Flame(props: FlameProps) {
  const { live } = words.value;
  const { root, focus, isIcicle } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSize(canvas);
  const [hovered, setHovered] = useState("");
  // A box by the short name of its path, as it is in the address.
  const [chosen, setChosen] = useState(place.value.query.get("box") ?? "");
  const found = useMemo(() => boxesOf(root, focus), [root, focus]);
  const boxes = useMemo(() => found ?? boxesOf(root, undefined) ?? [], [found, root]);
  const rows = boxes.reduce((most, { depth }) => Math.max(most, depth), 0) + 1;
  const chosenBox = useMemo(() => boxes.find(({ key }) => pathKey(key) === chosen), [boxes, chosen]);
  const shown = (hovered ? boxes.find(({ key }) => key === hovered) : chosenBox) ?? boxes[0];
  const shade = theme.value;
  useEffect(() => {
    if (!canvas.current || !size) return;
    sharpen(canvas.current, { width: canvas.current.clientWidth, height: rows * BOX_PX });
    paint(canvas.current, boxes, rows, shown?.key ?? "", props);
  }, [boxes, rows, size, shown, shade, props.find, props.byAge, props.before, isIcicle]);

  const at = (event: MouseEvent) => {
    if (!canvas.current) return undefined;
    const box = canvas.current.getBoundingClientRect();
    const row = Math.floor((event.clientY - box.top) / BOX_PX);
    const depth = isIcicle ? row : rows - 1 - row;
    const x = (event.clientX - box.left) / box.width;
    return boxes.find((one) => one.depth === depth && x >= one.x && x < one.x + one.width);
  };
  const choose = (box: Box | undefined) => {
    const key = box?.parent ? pathKey(box.key) : "";
    setChosen(key);
    changeSoon({ box: key || undefined });
  };
  const zoom = (box: Box | undefined) => change({ at: box?.parent ? pathKey(box.key) : undefined });
  const onKey = (event: KeyboardEvent) => {
    const from = chosenBox ?? boxes[0];
    const next = from && beside(boxes, from, wayOf(event.key, isIcicle));
    if (event.key === "Enter") zoom(from);
    else if (event.key === "Escape" && focus) zoom(undefined);
    else if (next) choose(next);
    else return;
    event.preventDefault();
  };
  return (
    <>
      {focus !== undefined && !found && <p class="dim">{live.stacks.gone}</p>}
      {shown && <Details box={shown} root={root} before={props.before} />}
      <canvas
        ref={canvas}
        class="flame"
        tabIndex={0}
        role="application"
        aria-label={live.stacks.label(whole(root.tally.count))}
        style={{ height: `${rows * BOX_PX}px` }}
        onMouseMove={(event) => setHovered(at(event)?.key ?? "")}
        onMouseLeave={() => setHovered("")}
        onClick={(event) => {
          const box = at(event);
          choose(box);
          if (box) zoom(box);
        }}
        onKeyDown={onKey}
      />
    </>
  );
}
