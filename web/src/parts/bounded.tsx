// Lists that are shown in part: ten thousand rows at once would keep the browser busy for seconds, and nobody reads them.
import { useState } from "preact/hooks";
import { words } from "../i18n/language.ts";

/** Rows that are drawn at first, and by which more are. */
const PAGE_OF_ROWS = 100;

export interface Bounded<T> {
  readonly shown: readonly T[];
  /** How many the button adds; 0 without one. */
  readonly next: number;
  readonly showMore: () => void;
}

/** The first of many, more of them when wanted, and always the one at an index that is chosen. */
export function useBounded<T>(all: readonly T[], chosen = -1): Bounded<T> {
  const [most, setMost] = useState(PAGE_OF_ROWS);
  const count = Math.max(most, Math.ceil((chosen + 1) / PAGE_OF_ROWS) * PAGE_OF_ROWS);
  return {
    shown: all.slice(0, count),
    next: Math.max(0, Math.min(PAGE_OF_ROWS, all.length - count)),
    showMore: () => setMost(count + PAGE_OF_ROWS),
  };
}

export function ShowMore({ of }: { of: Bounded<unknown> }) {
  if (of.next === 0) return null;
  return (
    <button type="button" class="more" onClick={of.showMore}>
      {words.value.says.more(of.next)}
    </button>
  );
}
