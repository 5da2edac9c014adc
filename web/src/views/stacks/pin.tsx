// The moment that stacks are compared with: it is in the address, and in the worker of the page that chose it. Another
// page, or this one loaded anew, asks the agent's history for it.
import { useEffect, useMemo, useRef } from "preact/hooks";
import { clock } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import type { Feed } from "../../live/feed.ts";
import { historySource, useSource } from "../../polling/sources.ts";
import { change, place } from "../../router/place.ts";
import { countsByPath } from "./flame_layout.ts";
import { countsAt, questionAbout } from "./from_history.ts";

export interface Pin {
  /** Unix milliseconds of the moment that the address names. */
  readonly at: number | undefined;
  /** Numbers by path then; `undefined` if there is nothing to compare with. */
  readonly before: ReadonlyMap<string, number> | undefined;
  /** What is said of it below the picture. */
  readonly said: string;
  readonly toggle: () => void;
}

function askedFor(): number | undefined {
  const said = place.value.query.get("pin");
  return said !== null && /^\d{1,14}$/.test(said) ? Number(said) : undefined;
}

export function usePin(feed: Feed): Pin {
  const { live } = words.value;
  const at = askedFor();
  const stacks = feed.stacks.value;
  const pinned = stacks?.pinned ?? null;
  const isAsked = useRef(false);
  useEffect(() => {
    if (!isAsked.current || !pinned) return;
    isAsked.current = false;
    change({ pin: pinned.atUnixMs }, "replace");
  }, [pinned?.atUnixMs]);
  // An address without a moment, or with another one, is gone to.
  useEffect(() => {
    if (!isAsked.current) feed.say({ kind: "pin", at: at ?? null });
  }, [feed, at]);

  const isHere = at !== undefined && pinned?.atUnixMs === at;
  const isElsewhere = at !== undefined && stacks !== undefined && !isHere;
  const isFiltered = (place.value.query.get("q") ?? "").trim() !== "";
  const wanted = isElsewhere && !isFiltered ? historySource(questionAbout(feed.target, at)) : undefined;
  const { data, error } = useSource(wanted);
  const past = useMemo(() => (data && at !== undefined ? countsAt(data, at) : undefined), [data, at]);
  const here = useMemo(() => (isHere && pinned ? countsByPath(pinned.root) : undefined), [isHere, pinned]);
  const toggle = () => {
    isAsked.current = at === undefined;
    if (at === undefined) feed.say({ kind: "pin", at: "now" });
    else change({ pin: undefined }, "replace");
  };
  const said = () => {
    if (at === undefined) return "";
    if (isHere) return live.stacks.pinnedAt(clock(at));
    if (isFiltered) return live.stacks.pinFiltered;
    if (past) return live.stacks.pinFromHistory(clock(past.atMs));
    return data || error ? live.stacks.pinGone(clock(at)) : words.value.says.loading;
  };
  return {
    at,
    before: here ?? (isElsewhere && !isFiltered ? past?.counts : undefined),
    said: said(),
    toggle,
  };
}
