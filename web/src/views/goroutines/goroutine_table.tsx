// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot have only the rows in sight where they belong.
// biome-ignore-all lint/a11y/useFocusableInteractive: the table has the focus, and its keys choose a row.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: as above.
// The table's rows: those in sight, and the one that is chosen, whose goroutine is in the address.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { whole } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import type { Feed } from "../../live/feed.ts";
import { type Scrolled, scrolled, scrollFor } from "../../live/rows/scrolling.ts";
import type { RowsAnswer } from "../../live/rows/window.ts";
import { changeSoon, go, place } from "../../router/place.ts";
import { useSize } from "../live/size.ts";
import { targetAddress } from "../live/target_head.tsx";
import { GoroutineRow, rowPx } from "./row.tsx";

/** The goroutine whose row is chosen. */
export function chosenId(): number | undefined {
  const said = place.value.query.get("row");
  return said !== null && /^\d{1,15}$/.test(said) ? Number(said) : undefined;
}

/** Which row a key leads to. */
function rowByKey(key: string, from: number, seen: Scrolled, total: number): number | undefined {
  switch (key) {
    case "ArrowDown":
    case "j":
      return from + 1;
    case "ArrowUp":
    case "k":
      return from - 1;
    case "PageDown":
      return from + seen.count - 1;
    case "PageUp":
      return from - seen.count + 1;
    case "Home":
      return 0;
    case "End":
      return total - 1;
    default:
      return undefined;
  }
}

/** The chosen row: a number while one goes through the table, a goroutine once the row has come. */
function useChosen(answer: RowsAnswer | undefined): [number, (row: number) => void] {
  const id = chosenId();
  const [going, setGoing] = useState(-1);
  const there = answer?.rows[going - answer.first];
  const found = answer && id !== undefined && answer.found === id ? answer.foundAt : -1;
  useEffect(() => {
    if (going < 0 || !there) return;
    // From now on the row is where its goroutine is, wherever that goes.
    if (there.id === id && found === going) setGoing(-1);
    else if (there.id !== id) changeSoon({ row: there.id });
  }, [going, there, id, found]);
  return [going >= 0 ? going : found, setGoing];
}

interface TableProps {
  readonly feed: Feed;
  readonly heads: ComponentChildren;
  readonly onSeen: (first: number, count: number) => void;
}

export function GoroutineTable({ feed, heads, onSeen }: TableProps) {
  const { live } = words.value;
  const scroller = useRef<HTMLDivElement>(null);
  const size = useSize(scroller);
  const [scrollTop, setScrollTop] = useState(0);
  const answer = feed.rows.value;
  const [chosen, setChosen] = useChosen(answer);
  const [total, height] = [answer?.total ?? 0, rowPx()];
  const view = size?.height ?? 600;
  const seen = scrolled(total, height, view, scrollTop);
  useEffect(() => onSeen(seen.first, seen.count), [seen.first, seen.count]);
  const rows = answer ? answer.rows.slice(Math.max(0, seen.first - answer.first)) : [];

  const reveal = (row: number) => {
    const isSeen = row > seen.first && row < seen.first + seen.count - 2;
    if (isSeen || !scroller.current) return;
    scroller.current.scrollTop = scrollFor(row - Math.floor(seen.count / 2), total, height, view);
  };
  // An address with a row leads to it, once.
  const isRevealed = useRef(chosenId() === undefined);
  useEffect(() => {
    if (isRevealed.current || chosen < 0 || !size) return;
    isRevealed.current = true;
    reveal(chosen);
  }, [chosen, size]);
  // Rows that come above it do not push the chosen one out of sight.
  const stood = useRef(-1);
  useEffect(() => {
    const [was, isSeen] = [
      stood.current,
      stood.current >= seen.first && stood.current < seen.first + seen.count,
    ];
    stood.current = chosen;
    if (was === chosen || was < 0 || chosen < 0 || !isSeen || !scroller.current) return;
    scroller.current.scrollTop = scrollFor(seen.first + chosen - was, total, height, view);
  }, [chosen]);
  const onKey = (event: KeyboardEvent) => {
    const row = answer?.rows[chosen - answer.first];
    const to = rowByKey(event.key, chosen < 0 ? seen.first - 1 : chosen, seen, total);
    if (to !== undefined) {
      const next = Math.min(Math.max(to, 0), total - 1);
      stood.current = next;
      setChosen(next);
      reveal(next);
    } else if (event.key === "Enter" && row) go(targetAddress(feed.target, `/goroutines/${row.id}`));
    else return;
    event.preventDefault();
  };
  return (
    <div class="goroutines" role="table" aria-label={live.table.label(whole(total))} aria-rowcount={total}>
      {heads}
      <div
        class="goroutine-scroller"
        ref={scroller}
        role="rowgroup"
        tabIndex={0}
        aria-label={live.table.keys}
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
                onChoose={() => setChosen(seen.first + index)}
              />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}
