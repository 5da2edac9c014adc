// Time × stacks: how many goroutines each stack has had, tick by tick, since the page began to watch.
import { useSignal } from "@preact/signals";
import { useMemo, useRef, useState } from "preact/hooks";
import { clock, span, whole } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import type { Feed } from "../../live/feed.ts";
import { quoted } from "../../live/filter/text.ts";
import type { ShownCluster, Tick } from "../../live/messages.ts";
import { TICKS } from "../../live/stacks/past.ts";
import { address, change, wordOf } from "../../router/place.ts";
import { useSettled } from "../../router/settled.ts";
import { FrameCost } from "../live/frame_cost.tsx";
import { useSize } from "../live/size.ts";
import { momentWord } from "../timeline/question.ts";
import { Brush } from "./brush.tsx";
import { CardNote } from "./card_note.tsx";
import { type Rectangle, useGestures } from "./gestures.ts";
import { CountScale } from "./legends.tsx";
import { pastRows, ROWS_SHOWN } from "./past_order.ts";
import { PastRows, ROW_PX } from "./past_rows.tsx";
import { cameraOf, columnsOf, timeAt, type Window, windowOf, windowSaid, windowWord } from "./past_window.ts";
import { usePastDots } from "./use_past_dots.ts";

/** A tick is at least this wide, and the picture begins with so many. */
const TICK_PX = 3;
const TICKS_FIRST = 60;

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

/** Said where a time is wanted that this page has not seen; the history may know it. */
function Unseen({ feed, window, onAll }: { feed: Feed; window: Window; onAll: () => void }) {
  const { live } = words.value;
  const first = feed.past[0];
  if (!first || window.untilMs > first.atUnixMs) return null;
  const question = { since: momentWord(window.fromMs), until: momentWord(window.untilMs), by: "stack" };
  return (
    <p class="past-unseen" role="status">
      {live.map.pastUnseen(clock(window.fromMs), clock(window.untilMs), clock(first.atUnixMs))}{" "}
      <a href={address("/timeline", { target: feed.target, ...question })}>{words.value.nav.timeline}</a>{" "}
      <button type="button" class="quiet" onClick={onAll}>
        {live.map.pastAll}
      </button>
    </p>
  );
}

export function PastMap({ feed, tick }: { feed: Feed; tick: Tick }) {
  const { live } = words.value;
  const surface = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSize(surface);
  const brush = useSignal<Rectangle | undefined>(undefined);
  const [at, setAt] = useState<{ x: number; y: number }>();
  const time = useSettled("time");
  const by = wordOf("by").value === "growth" ? "growth" : "count";
  const version = feed.pastVersion.value;
  const { past } = feed;
  const rows = useMemo(() => pastRows(past, feed.pastMost, by), [past, feed, version, by]);
  const clusters = feed.clusters.value;
  // Moving the picture does not change them: forty names with addresses are most of what is rendered.
  const names = useMemo(() => <PastRows rows={rows} clusters={clusters} />, [rows, clusters]);
  const most = rows.reduce((sum, row) => Math.max(sum, row.most), 0);
  const width = size?.width ?? 0;
  const room = Math.min(
    Math.min(TICKS, Math.floor((width || 600) / TICK_PX)),
    Math.max(TICKS_FIRST, past.length),
  );
  const window = windowSaid(time.word.value);
  const seen = columnsOf(past, window, room);
  const { card, meter } = usePastDots(canvas, feed, size, {
    rows: rows.map(({ number }) => number),
    seen,
    most,
  });

  const tickAt = (x: number) => {
    const { from, until } = columnsOf(past, windowSaid(time.word.peek()), room);
    return past[Math.floor(from + (x / Math.max(width, 1)) * (until - from))];
  };
  const rowAt = (y: number) => rows[Math.floor(y / ROW_PX)];
  const choose = (y: number) => {
    const key = feed.clusters.value[rowAt(y)?.number ?? 0]?.key;
    if (key) change({ q: `stack=${quoted(key)}` });
  };
  useGestures(surface, {
    camera: () => cameraOf(columnsOf(past, windowSaid(time.word.peek()), room), past, room, width),
    setCamera: (camera) => time.set(windowWord(windowOf(camera, past, room, width))),
    brushing: (drawn) => {
      brush.value = drawn;
    },
    brushed: ({ x, y, width: wide, height }) => {
      const [from, until] = [tickAt(x) ?? past[0], tickAt(x + wide) ?? past.at(-1)];
      const inside = rows.filter((_, index) => index * ROW_PX < y + height && (index + 1) * ROW_PX > y);
      if (!from || !until) return;
      const clusters = inside.map(({ number }) => feed.clusters.value[number]);
      change({ q: chosen(clusters, from.atUnixMs, until.atUnixMs, inside.length === rows.length) });
    },
    clicked: (_, y) => choose(y),
    tapped: (x, y) => {
      const isSame = at && rowAt(at.y) === rowAt(y) && tickAt(at.x) === tickAt(x);
      if (isSame) choose(y);
      else setAt({ x, y });
    },
    hovered: (x, y) => setAt({ x, y }),
    left: () => setAt(undefined),
  });

  const hovered = at && { column: tickAt(at.x), row: rowAt(at.y) };
  const isDrawn = card === "ready" || card === "starting";
  return (
    <>
      <CardNote card={card} />
      {window && <Unseen feed={feed} window={window} onAll={() => time.set(undefined)} />}
      <div class={`past ${isDrawn ? "" : "undrawn"}`}>
        {names}
        {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: keys zoom and move it; its numbers are beside it. */}
        <div
          class={`past-surface ${window ? "zoomed" : ""}`}
          ref={surface}
          tabIndex={0}
          role="application"
          aria-label={live.map.pastLabel(rows.length)}
          style={{ height: `${rows.length * ROW_PX}px` }}
        >
          {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: as above. */}
          <canvas ref={canvas} style={{ height: `${ROWS_SHOWN * ROW_PX}px` }} />
          <Brush drawn={brush} />
          {at && hovered?.row && hovered.column && (
            <div
              class="map-note"
              style={
                at.x < width / 2
                  ? { left: `${at.x + 14}px`, top: `${at.y + 14}px` }
                  : { left: `${at.x - 14}px`, top: `${at.y + 14}px`, translate: "-100%" }
              }
            >
              <p>
                <span class="strong">{whole(hovered.column.counts[hovered.row.number] ?? 0)}</span>{" "}
                <span class="dim">{clock(hovered.column.atUnixMs)}</span>
              </p>
            </div>
          )}
        </div>
        <div class="past-times dim small">
          {/* Of the edges, also where the page did not watch yet. */}
          <span>{past.length > 0 ? clock(timeAt(past, seen.from)) : ""}</span>
          <span>{clock(past.length > 0 ? timeAt(past, seen.until - 1) : tick.atUnixMs)}</span>
        </div>
      </div>
      <div class="map-foot">
        <CountScale most={most} />
        <FrameCost meter={meter} feed={feed} />
      </div>
      <p class="dim small">{live.map.pastHint(span(TICKS * 1_000))}</p>
    </>
  );
}
