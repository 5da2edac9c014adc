// Time × stacks: how many goroutines each stack has had, tick by tick, since the page began to watch.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { clock, signed, span, whole } from "../../format/figures.ts";
import { cividisCss } from "../../gl/cividis.ts";
import { FrameMeter } from "../../gl/frame_meter.ts";
import { words } from "../../i18n/language.ts";
import type { Feed } from "../../live/feed.ts";
import { quoted } from "../../live/filter/text.ts";
import type { ShownCluster, Tick } from "../../live/messages.ts";
import { TICKS } from "../../live/stacks/past.ts";
import { FunctionName } from "../../parts/names.tsx";
import { change, changed, place } from "../../router/place.ts";
import { FrameCost } from "../live/frame_cost.tsx";
import { sharpen, useSize } from "../live/size.ts";
import { WHOLE } from "./camera.ts";
import { type Rectangle, useGestures } from "./gestures.ts";
import { PastDots } from "./past_dots.ts";
import { type PastRow, pastRows } from "./past_order.ts";

const ROW_PX = 22;
/** A tick is at least this wide, and the picture begins with so many. */
const TICK_PX = 3;
const TICKS_FIRST = 60;

function RowName({ row, cluster }: { row: PastRow; cluster: ShownCluster | undefined }) {
  const { live } = words.value;
  const name = cluster?.own ? (
    <FunctionName name={cluster.own.function} />
  ) : (
    <span class="dim">
      {cluster && row.number > 0 ? live.noStack(cluster.missing ?? "") : live.map.otherStacks}
    </span>
  );
  return (
    <div class="past-name">
      <span class="clip">
        {cluster?.key ? <a href={changed({ q: `stack=${quoted(cluster.key)}` })}>{name}</a> : name}
      </span>
      <span class="number">{whole(row.now)}</span>
      <span class={`number ${row.change > 0 ? "grown" : "dim"}`}>
        {row.change === 0 ? "" : signed(row.change)}
      </span>
    </div>
  );
}

/** Stacks chosen over a time: goroutines of them whose wait began then. */
function chosen(
  clusters: readonly (ShownCluster | undefined)[],
  fromMs: number,
  untilMs: number,
  isAll: boolean,
): string {
  const keys = clusters.flatMap((cluster) => (cluster?.key ? [`stack=${quoted(cluster.key)}`] : []));
  const which = keys.length === 1 ? (keys[0] ?? "") : `(${keys.join(" or ")})`;
  const when = `since>=${Math.floor(fromMs)} and since<=${Math.ceil(untilMs)}`;
  if (isAll || keys.length === 0) return when;
  return `${which} and ${when}`;
}

export function PastMap({ feed, tick }: { feed: Feed; tick: Tick }) {
  const { live } = words.value;
  const surface = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const dots = useRef<PastDots>(undefined);
  const isFirst = useRef(true);
  const size = useSize(surface);
  const meter = useMemo(() => new FrameMeter(), []);
  const [hasGl, setHasGl] = useState(true);
  const [brush, setBrush] = useState<Rectangle>();
  const [at, setAt] = useState<{ x: number; y: number }>();
  const by = place.value.query.get("by") === "growth" ? "growth" : "count";
  const version = feed.pastVersion.value;
  const rows = meter.work(() => pastRows(feed.past, by));
  const most = rows.reduce((sum, row) => Math.max(sum, row.most), 0);
  const room = Math.min(TICKS, Math.floor((size?.width ?? 600) / TICK_PX));
  const shown = Math.min(room, Math.max(TICKS_FIRST, feed.past.length));

  useEffect(() => {
    if (!canvas.current) return;
    dots.current = PastDots.on(canvas.current, meter);
    setHasGl(dots.current !== undefined);
  }, [meter]);
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      if (!dots.current || !canvas.current || !size) return;
      meter.work(() => {
        if (canvas.current) sharpen(canvas.current, size);
        dots.current?.upload(feed.past);
        dots.current?.draw({ rows: rows.map(({ number }) => number), shown, most });
      });
      // The first one waits for the shaders.
      if (isFirst.current) meter.begin();
      else meter.frame();
      isFirst.current = false;
    });
    return () => cancelAnimationFrame(frame);
  }, [version, size, by, shown, feed, meter]);

  const tickAt = (x: number) => {
    const back = Math.floor((1 - x / Math.max(size?.width ?? 1, 1)) * shown);
    return feed.past[feed.past.length - 1 - back];
  };
  const rowAt = (y: number) => rows[Math.floor(y / ROW_PX)];
  useGestures(surface, {
    camera: () => WHOLE,
    setCamera: () => undefined,
    brushing: setBrush,
    brushed: ({ x, y, width, height }) => {
      const [from, until] = [tickAt(x) ?? feed.past[0], tickAt(x + width)];
      const inside = rows.filter((_, index) => index * ROW_PX < y + height && (index + 1) * ROW_PX > y);
      if (!from || !until) return;
      const clusters = inside.map(({ number }) => feed.clusters.value[number]);
      change({ q: chosen(clusters, from.atUnixMs, until.atUnixMs, inside.length === rows.length) });
    },
    clicked: (_, y) => {
      const key = feed.clusters.value[rowAt(y)?.number ?? 0]?.key;
      if (key) change({ q: `stack=${quoted(key)}` });
    },
    hovered: (x, y) => setAt({ x, y }),
    left: () => setAt(undefined),
  });

  const hovered = at && { column: tickAt(at.x), row: rowAt(at.y) };
  const first = feed.past[Math.max(0, feed.past.length - shown)];
  return (
    <>
      <div class="past">
        <div class="past-names">
          {rows.map((row) => (
            <RowName key={row.number} row={row} cluster={feed.clusters.value[row.number]} />
          ))}
        </div>
        <div
          class="past-surface"
          ref={surface}
          role="img"
          aria-label={live.map.pastLabel(rows.length)}
          style={{ height: `${rows.length * ROW_PX}px` }}
        >
          {hasGl && <canvas ref={canvas} />}
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
          {at && hovered?.row && hovered.column && (
            <div
              class="map-note"
              style={{ left: `${at.x - 14}px`, top: `${at.y + 14}px`, translate: "-100%" }}
            >
              <p>
                <span class="strong">{whole(hovered.column.counts[hovered.row.number] ?? 0)}</span>{" "}
                <span class="dim">{clock(hovered.column.atUnixMs)}</span>
              </p>
            </div>
          )}
        </div>
        <div class="past-times dim small">
          <span>{first ? clock(first.atUnixMs) : ""}</span>
          <span>{clock(tick.atUnixMs)}</span>
        </div>
      </div>
      <div class="map-foot">
        <div class="past-scale dim small">
          1
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            {Array.from({ length: 50 }, (_, index) => (
              <rect key={index} x={index * 2} y="0" width="2.2" height="8" fill={cividisCss(index / 49)} />
            ))}
          </svg>
          {whole(most)}
        </div>
        <FrameCost meter={meter} tick={tick} />
      </div>
      <p class="dim small">{live.map.pastHint(span(TICKS * 1_000))}</p>
    </>
  );
}
