// biome-ignore-all lint/a11y/noNoninteractiveTabindex: keys move and zoom the map; the same as text is below it.
// The map of all goroutines: a dot for each, in the row of its P and the column of what it does.
import { computed, type ReadonlySignal, useSignal } from "@preact/signals";
import { useMemo, useRef, useState } from "preact/hooks";
import { compact, whole } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import type { Feed } from "../../live/feed.ts";
import { quoted } from "../../live/filter/text.ts";
import type { Tick } from "../../live/messages.ts";
import { change, place } from "../../router/place.ts";
import { FrameCost } from "../live/frame_cost.tsx";
import { useSize } from "../live/size.ts";
import { Brush } from "./brush.tsx";
import { type Camera, onMap } from "./camera.ts";
import { CardNote } from "./card_note.tsx";
import { clusterOf, filterOf } from "./chosen.ts";
import { dotAt, geometryOf } from "./geometry.ts";
import { type Rectangle, useGestures } from "./gestures.ts";
import { ColumnHeads, Divide, RowHeads } from "./heads.tsx";
import { type Hovered, Hovering } from "./hovering.tsx";
import { MapTable } from "./map_table.tsx";
import { PileNames } from "./pile_names.tsx";
import { useCamera } from "./use_camera.ts";
import { useDots } from "./use_dots.ts";

const isTouch = matchMedia("(pointer: coarse)").matches;

interface DotMapProps {
  readonly feed: Feed;
  readonly tick: Tick;
  readonly byAge: boolean;
}

/** The same as a table; nothing is made of it while it is folded. */
function NumbersBelow({ feed, isOpen }: { feed: Feed; isOpen: boolean }) {
  const [isUnfolded, unfold] = useState(false);
  const isShown = isOpen || isUnfolded;
  const tick = isShown ? feed.tick.value : undefined;
  return (
    <details class="map-numbers" open={isShown} onToggle={(event) => unfold(event.currentTarget.open)}>
      <summary>{words.value.live.map.asTable}</summary>
      {tick && <MapTable tick={tick} />}
    </details>
  );
}

function Hint({ camera }: { camera: ReadonlySignal<Camera> }) {
  const { hint, hintTouch } = words.value.live.map;
  const { zoom } = camera.value;
  return (
    <p class="dim small">
      {isTouch ? hintTouch : hint} {zoom > 1 && `${compact(zoom)}×`}
    </p>
  );
}

/** What moves with the pointer is drawn by itself: the map as a whole is drawn anew once a tick. */
export function DotMap({ feed, tick, byAge }: DotMapProps) {
  const surface = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSize(surface);
  const { camera, move } = useCamera(size);
  const isZoomed = useMemo(() => computed(() => camera.value.zoom > 1), [camera]);
  const brush = useSignal<Rectangle | undefined>(undefined);
  const hovered = useSignal<Hovered | undefined>(undefined);
  const geometry = useMemo(() => {
    const cells = { columns: tick.columns.length, cells: tick.cells, ps: tick.ps };
    return size && size.width > 0 ? geometryOf(cells, size.width, size.height) : undefined;
  }, [size, tick]);
  const { card, meter } = useDots(canvas, feed, { tick, byAge, camera, geometry });

  const under = (x: number, y: number) => {
    const at = onMap(camera.peek(), x, y);
    return geometry && dotAt(geometry, at.x, at.y);
  };
  const choose = (found: ReturnType<typeof dotAt>) => {
    const cluster = found && clusterOf(found.block.meaning.colour, tick.clusterColours, feed.clusters.value);
    const cell = found ? filterOf([found.block], tick.columns) : "";
    const wanted = cluster ? `${cell} and stack=${quoted(cluster.key)}` : cell;
    change({ q: wanted === place.peek().query.get("q") ? undefined : wanted || undefined });
  };
  const point = (x: number, y: number) => {
    const found = under(x, y);
    hovered.value = found && { x, y, block: found.block, rank: found.rank };
  };
  useGestures(surface, {
    camera: () => camera.peek(),
    setCamera: move,
    brushing: (drawn) => {
      brush.value = drawn;
    },
    brushed: (drawn) => {
      const from = onMap(camera.peek(), drawn.x, drawn.y);
      const to = onMap(camera.peek(), drawn.x + drawn.width, drawn.y + drawn.height);
      const inside = (geometry?.blocks ?? []).filter(
        ({ x, y, width, height }) => x < to.x && x + width > from.x && y < to.y && y + height > from.y,
      );
      change({ q: filterOf(inside, tick.columns) || undefined });
    },
    clicked: (x, y) => choose(under(x, y)),
    tapped: (x, y) => {
      // The first tap shows what is there, another one chooses it.
      const found = under(x, y);
      if (found && found.block.cell === hovered.peek()?.block.cell) choose(found);
      else point(x, y);
    },
    hovered: point,
    left: () => {
      hovered.value = undefined;
    },
  });

  const { live } = words.value;
  const isDrawn = card === "ready" || card === "starting";
  return (
    <>
      <CardNote card={card} />
      <div class="map" hidden={!isDrawn}>
        {geometry && <ColumnHeads geometry={geometry} camera={camera} tick={tick} />}
        {geometry && <RowHeads geometry={geometry} camera={camera} tick={tick} />}
        <div
          class={`map-surface ${isZoomed.value ? "zoomed" : ""}`}
          ref={surface}
          tabIndex={0}
          role="application"
          aria-label={live.map.label(whole(tick.total))}
        >
          <canvas ref={canvas} />
          {geometry && <Divide geometry={geometry} camera={camera} />}
          {geometry && (
            <PileNames geometry={geometry} camera={camera} tick={tick} clusters={feed.clusters.value} />
          )}
          <Brush drawn={brush} />
          <Hovering feed={feed} tick={tick} hovered={hovered} width={size?.width ?? 0} />
        </div>
      </div>
      <div class="map-foot">
        <Hint camera={camera} />
        <FrameCost meter={meter} feed={feed} />
      </div>
      <NumbersBelow feed={feed} isOpen={!isDrawn} />
    </>
  );
}
