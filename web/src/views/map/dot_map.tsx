// biome-ignore-all lint/a11y/noNoninteractiveTabindex: keys move and zoom the map; the same as text is below it.
// The map of all goroutines: a dot for each, in the row of its P and the column of what it does.
import { effect } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { compact, whole } from "../../format/figures.ts";
import { FrameMeter } from "../../gl/frame_meter.ts";
import { words } from "../../i18n/language.ts";
import type { Feed } from "../../live/feed.ts";
import { quoted } from "../../live/filter/text.ts";
import type { Tick } from "../../live/messages.ts";
import { change, place } from "../../router/place.ts";
import { theme } from "../../theme/theme.ts";
import { FrameCost } from "../live/frame_cost.tsx";
import { sharpen, useSize } from "../live/size.ts";
import { type Camera, onMap, WHOLE } from "./camera.ts";
import { clusterOf, filterOf } from "./chosen.ts";
import { Dots } from "./dots.ts";
import { dotAt, type Geometry, geometryOf, sameGeometry } from "./geometry.ts";
import { type Rectangle, useGestures } from "./gestures.ts";
import { ColumnHeads, RowHeads } from "./heads.tsx";
import { type Hovered, Hovering } from "./hovering.tsx";
import { MapTable } from "./map_table.tsx";
import { Painter } from "./painter.ts";
import { PileNames } from "./pile_names.tsx";

interface DotMapProps {
  readonly feed: Feed;
  readonly tick: Tick;
  readonly byAge: boolean;
}

export function DotMap({ feed, tick, byAge }: DotMapProps) {
  const surface = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSize(surface);
  const [camera, setCamera] = useState<Camera>(WHOLE);
  const [brush, setBrush] = useState<Rectangle>();
  const [hovered, setHovered] = useState<Hovered>();
  const [hasGl, setHasGl] = useState(true);
  const placed = useRef<Geometry>(undefined);
  const meter = useMemo(() => new FrameMeter(), []);

  const geometry = useMemo(
    () =>
      size && size.width > 0
        ? meter.work(() =>
            geometryOf(
              { columns: tick.columns.length, cells: tick.cells, ps: tick.ps },
              size.width,
              size.height,
            ),
          )
        : undefined,
    [size, tick, meter],
  );

  const latest = useRef({ tick, byAge, camera, geometry });
  latest.current = { tick, byAge, camera, geometry };
  const painter = useMemo(
    () =>
      new Painter(meter, (dots) => {
        const now = latest.current;
        if (!now.geometry || !canvas.current) return false;
        sharpen(canvas.current, now.geometry);
        const isFirst = placed.current === undefined;
        if (!sameGeometry(placed.current, now.geometry)) dots.place(now.geometry);
        placed.current = now.geometry;
        const { width, height } = now.geometry;
        dots.draw({ ...now, nowS: now.tick.nowS, width, height }, now.tick.places);
        return isFirst;
      }),
    [meter],
  );

  useEffect(() => {
    const on = canvas.current;
    if (!on) return undefined;
    const begin = () => {
      placed.current = undefined;
      painter.dots = Dots.on(on, meter);
      setHasGl(painter.dots !== undefined);
    };
    const again = () => {
      begin();
      feed.say({ kind: "again" });
    };
    const lost = (event: Event) => {
      event.preventDefault();
      painter.dots = undefined;
    };
    begin();
    if (feed.hasMissedDots) feed.say({ kind: "again" });
    feed.hasMissedDots = false;
    on.addEventListener("webglcontextlost", lost);
    on.addEventListener("webglcontextrestored", again);
    feed.onDots = (patch) => {
      const isTaken = meter.work(() => painter.dots?.upload(patch) ?? true);
      if (!isTaken) feed.say({ kind: "again" });
      painter.request();
    };
    const stop = effect(() => {
      if (theme.value) requestAnimationFrame(() => painter.dots?.recolour());
      painter.request();
    });
    return () => {
      stop();
      feed.onDots = undefined;
      on.removeEventListener("webglcontextlost", lost);
      on.removeEventListener("webglcontextrestored", again);
    };
  }, [feed, painter, meter]);

  useEffect(() => painter.request(), [painter, geometry, camera, byAge, tick]);

  const under = (x: number, y: number) => {
    const at = onMap(camera, x, y);
    return geometry && dotAt(geometry, at.x, at.y);
  };
  useGestures(surface, {
    camera: () => camera,
    setCamera,
    brushing: setBrush,
    brushed: (drawn) => {
      const from = onMap(camera, drawn.x, drawn.y);
      const to = onMap(camera, drawn.x + drawn.width, drawn.y + drawn.height);
      const inside = (geometry?.blocks ?? []).filter(
        ({ x, y, width, height }) => x < to.x && x + width > from.x && y < to.y && y + height > from.y,
      );
      change({ q: filterOf(inside, tick.columns) || undefined });
    },
    clicked: (x, y) => {
      const found = under(x, y);
      const cluster =
        found && clusterOf(found.block.meaning.colour, tick.clusterColours, feed.clusters.value);
      const cell = found ? filterOf([found.block], tick.columns) : "";
      const wanted = cluster ? `${cell} and stack=${quoted(cluster.key)}` : cell;
      change({ q: wanted === place.value.query.get("q") ? undefined : wanted || undefined });
    },
    hovered: (x, y) => {
      const found = under(x, y);
      setHovered(found && { x, y, block: found.block, rank: found.rank });
    },
    left: () => setHovered(undefined),
  });

  const { live } = words.value;
  if (!hasGl) return <MapTable tick={tick} />;
  return (
    <>
      <div class="map">
        {geometry && <ColumnHeads geometry={geometry} camera={camera} tick={tick} />}
        {geometry && <RowHeads geometry={geometry} camera={camera} tick={tick} />}
        <div
          class="map-surface"
          ref={surface}
          tabIndex={0}
          role="application"
          aria-label={live.map.label(whole(tick.total))}
        >
          <canvas ref={canvas} />
          {geometry && geometry.rows > 0 && (
            <div
              class="map-divide"
              style={{ top: `${(geometry.pilesFrom - 5) * camera.zoom + camera.y}px` }}
            />
          )}
          {geometry && (
            <PileNames geometry={geometry} camera={camera} tick={tick} clusters={feed.clusters.value} />
          )}
          {brush && (
            <div
              class="map-brush"
              style={{
                left: `${brush.x}px`,
                top: `${brush.y}px`,
                width: `${brush.width}px`,
                height: `${brush.height}px`,
              }}
            />
          )}
          {hovered && <Hovering feed={feed} tick={tick} hovered={hovered} />}
        </div>
      </div>
      <div class="map-foot">
        <p class="dim small">
          {live.map.hint} {camera.zoom > 1 && `${compact(camera.zoom)}×`}
        </p>
        <FrameCost meter={meter} tick={tick} />
      </div>
      <details class="map-numbers">
        <summary>{live.map.asTable}</summary>
        <MapTable tick={tick} />
      </details>
    </>
  );
}
