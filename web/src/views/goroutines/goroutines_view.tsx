// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot have only the rows in sight where they belong.
// biome-ignore-all lint/a11y/useFocusableInteractive: the buttons in them have the focus.
// All goroutines as a table: sorted and filtered by the worker, with the rows in sight and no others in the page.
import "./goroutines.css";
import { useState } from "preact/hooks";
import { decimal, whole } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import { useFeed } from "../../live/feed.ts";
import { SORTS, type Sort } from "../../live/rows/order.ts";
import { change, place } from "../../router/place.ts";
import type { ViewProps } from "../../router/routes.tsx";
import { LiveFrame } from "../live/live_frame.tsx";
import { chosenId, GoroutineTable } from "./goroutine_table.tsx";

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

export default function GoroutinesView({ parameters }: ViewProps) {
  const { live } = words.value;
  const order = orderOf(place.value.query);
  const [range, setRange] = useState({ first: 0, count: 60 });
  const feed = useFeed(parameters.id ?? "", { rows: { ...order, ...range, find: chosenId() } });
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
      <GoroutineTable feed={feed} heads={<Heads {...order} />} onSeen={onSeen} />
      <p class="dim small goroutines-foot">
        {answer && `${live.table.label(whole(answer.total))} · ${live.table.sorted(decimal(answer.tookMs))}`}
      </p>
    </LiveFrame>
  );
}
