// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot have only the rows in sight where they belong.
// biome-ignore-all lint/a11y/useFocusableInteractive: the table has the focus, and its keys choose a row.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: as above.
// All goroutines as a table: sorted and filtered by the worker, with the rows in sight and no others in the page.
import "./goroutines.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { decimal, whole } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import { type Feed, useFeed } from "../../live/feed.ts";
import { SORTS, type Sort } from "../../live/rows/order.ts";
import { scrolled, scrollFor } from "../../live/rows/scrolling.ts";
import { change, go, place } from "../../router/place.ts";
import type { ViewProps } from "../../router/routes.tsx";
import { LiveFrame } from "../live/live_frame.tsx";
import { useSize } from "../live/size.ts";
import { targetAddress } from "../live/target_head.tsx";
import { GoroutineRow, ROW_PX } from "./row.tsx";

/** Rows asked for besides those in sight, on both sides: scrolling shows them before new ones have come. */
const BESIDE = 40;
/** Columns of which more is of interest than less. */
const DESCENDING_FIRST: readonly Sort[] = ["age"];

interface Order {
  readonly sort: Sort;
  readonly descending: boolean;
}

function orderOf(query: URLSearchParams): Order {
  const sort = SORTS.find((known) => known === query.get("sort")) ?? "age";
  const said = query.get("order");
  return { sort, descending: said ? said === "desc" : DESCENDING_FIRST.includes(sort) };
}

function Heads({ sort, descending }: Order) {
  const { live, overview } = words.value;
  return (
    <div class="goroutine-row goroutine-heads" role="row">
      {SORTS.map((column) => (
        <div
          key={column}
          role="columnheader"
          class={`head-${column}`}
          aria-sort={sort === column ? (descending ? "descending" : "ascending") : "none"}
        >
          <button
            type="button"
            title={overview.sortBy(live.table.columns[column])}
            onClick={() => {
              const isDescending = sort === column ? !descending : DESCENDING_FIRST.includes(column);
              change({ sort: column, order: isDescending ? "desc" : "asc" }, "replace");
            }}
          >
            {live.table.columns[column]}
            {sort === column && <span aria-hidden="true">{descending ? " ↓" : " ↑"}</span>}
          </button>
        </div>
      ))}
    </div>
  );
}

function Table({
  feed,
  order,
  onSeen,
}: {
  feed: Feed;
  order: Order;
  onSeen: (first: number, count: number) => void;
}) {
  const { live } = words.value;
  const scroller = useRef<HTMLDivElement>(null);
  const size = useSize(scroller);
  const [scrollTop, setScrollTop] = useState(0);
  const [chosen, setChosen] = useState(-1);
  const answer = feed.rows.value;
  const total = answer?.total ?? 0;
  const view = size?.height ?? 600;
  const seen = scrolled(total, ROW_PX, view, scrollTop);
  useEffect(() => onSeen(seen.first, seen.count), [seen.first, seen.count]);
  const rows = answer ? answer.rows.slice(Math.max(0, seen.first - answer.first)) : [];

  const choose = (row: number) => {
    const next = Math.min(Math.max(row, 0), total - 1);
    setChosen(next);
    const isSeen = next > seen.first && next < seen.first + seen.count - 2;
    if (!isSeen && scroller.current) {
      scroller.current.scrollTop = scrollFor(next - Math.floor(seen.count / 2), total, ROW_PX, view);
    }
  };
  const onKey = (event: KeyboardEvent) => {
    const from = chosen < 0 ? seen.first - 1 : chosen;
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: from + 1,
      j: from + 1,
      ArrowUp: from - 1,
      k: from - 1,
      PageDown: from + seen.count - 1,
      PageUp: from - seen.count + 1,
      Home: 0,
      End: total - 1,
    };
    const to = Object.hasOwn(steps, event.key) ? steps[event.key] : undefined;
    const row = answer?.rows[chosen - answer.first];
    if (to !== undefined) choose(to);
    else if (event.key === "Enter" && row) go(targetAddress(feed.target, `/goroutines/${row.id}`));
    else return;
    event.preventDefault();
  };
  return (
    <div class="goroutines" role="table" aria-label={live.table.label(whole(total))} aria-rowcount={total}>
      <Heads {...order} />
      <div
        class="goroutine-scroller"
        ref={scroller}
        role="rowgroup"
        tabIndex={0}
        onKeyDown={onKey}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
      >
        <div class="goroutine-all" style={{ height: `${seen.height}px` }}>
          <div class="goroutine-seen" style={{ transform: `translateY(${seen.top}px)` }}>
            {rows.slice(0, seen.count).map((row, index) => (
              <GoroutineRow
                key={row.id}
                row={row}
                number={seen.first + index}
                target={feed.target}
                isChosen={seen.first + index === chosen}
              />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}

export default function GoroutinesView({ parameters }: ViewProps) {
  const { live } = words.value;
  const order = orderOf(place.value.query);
  const [range, setRange] = useState({ first: 0, count: 60 });
  const feed = useFeed(parameters.id ?? "", { rows: { ...order, ...range } });
  const answer = feed.rows.value;
  const onSeen = (first: number, count: number) => {
    const from = Math.max(0, first - BESIDE);
    setRange((was) => {
      const isInside = first >= was.first && first + count <= was.first + was.count;
      return isInside && was.first >= from - BESIDE ? was : { first: from, count: count + 2 * BESIDE };
    });
  };
  return (
    <LiveFrame feed={feed} here="goroutines">
      <Table feed={feed} order={order} onSeen={onSeen} />
      <p class="dim small goroutines-foot">
        {answer && `${live.table.label(whole(answer.total))} · ${live.table.sorted(decimal(answer.tookMs))}`}
      </p>
    </LiveFrame>
  );
}
