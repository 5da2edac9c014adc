// biome-ignore-all lint/a11y/noInteractiveElementToNoninteractiveRole: the canvas takes keys; what is chosen is said above it.
// The flame graph on a canvas: a picture that changes every second and has thousands of boxes is no work for elements.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { percent, signed, span, whole } from "../../format/figures.ts";
import { sharpen } from "../../gl/sharpen.ts";
import { words } from "../../i18n/language.ts";
import type { Node } from "../../live/stacks/tree.ts";
import { CodePlace, FunctionName } from "../../parts/names.tsx";
import { change, changeSoon, place } from "../../router/place.ts";
import { theme } from "../../theme/theme.ts";
import { useSize } from "../live/size.ts";
import { onMap, WHOLE } from "../map/camera.ts";
import { useGestures } from "../map/gestures.ts";
import { useCamera } from "../map/use_camera.ts";
import { type Box, boxesOf, pathKey } from "./flame_layout.ts";
import { BOX_PX, type FlameLook, nameOn, paint } from "./flame_paint.ts";

export interface FlameProps extends FlameLook {
  readonly root: Node;
  readonly focus: string | undefined;
}

function Details({ box, root, before }: { box: Box; root: Node; before: FlameProps["before"] }) {
  const { live } = words.value;
  const { count, ageMs, aged } = box.node.tally;
  return (
    <p class="flame-details">
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
  const { camera: seen, move } = useCamera(size);
  const camera = seen.value;
  const [hovered, setHovered] = useState("");
  const [announced, announce] = useState("");
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
    paint(canvas.current, boxes, rows, shown?.key ?? "", camera, props);
  }, [camera, boxes, rows, size, shown, shade, props.find, props.byAge, props.before, isIcicle]);

  const at = (x: number, y: number) => {
    if (!size) return undefined;
    const row = Math.floor(y / BOX_PX);
    const depth = isIcicle ? row : rows - 1 - row;
    const share = onMap(seen.peek(), x, y).x / size.width;
    return boxes.find((one) => one.depth === depth && share >= one.x && share < one.x + one.width);
  };
  const choose = (box: Box | undefined) => {
    const key = box?.parent ? pathKey(box.key) : "";
    setChosen(key);
    announce(
      box
        ? `${nameOn(box)}: ${live.stacks.share(whole(box.node.tally.count), percent(box.node.tally.count / Math.max(root.tally.count, 1)))}`
        : "",
    );
    changeSoon({ box: key || undefined });
  };
  const zoom = (box: Box | undefined) => {
    move(WHOLE);
    change({ at: box?.parent ? pathKey(box.key) : undefined });
  };
  useGestures(canvas, {
    wheelNeedsCtrl: true,
    hasOwnKeys: true,
    camera: () => seen.peek(),
    setCamera: move,
    brushing: () => undefined,
    brushed: () => undefined,
    clicked: (x, y) => {
      const box = at(x, y);
      choose(box);
      if (box) zoom(box);
    },
    tapped: (x, y) => {
      // The first tap says what is there, another one zooms in.
      const box = at(x, y);
      if (box && box === chosenBox) zoom(box);
      else choose(box);
    },
    hovered: (x, y) => setHovered(at(x, y)?.key ?? ""),
    left: () => setHovered(""),
  });
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
      {/* Said when another box is chosen, not whenever its number changes. */}
      <p class="unseen" role="status">
        {announced}
      </p>
      {shown && <Details box={shown} root={root} before={props.before} />}
      <canvas
        ref={canvas}
        class={`flame ${camera.zoom > 1 ? "zoomed" : ""}`}
        tabIndex={0}
        role="application"
        aria-label={live.stacks.label(whole(root.tally.count))}
        style={{ height: `${rows * BOX_PX}px` }}
        onKeyDown={onKey}
      />
    </>
  );
}
