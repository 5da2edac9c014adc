// What all live views have in common: the process, the way to the other views, the filter, and how it stands with frames.
import "./live.css";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { whole } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import type { Feed } from "../../live/feed.ts";
import { Empty, Loading } from "../../parts/notices.tsx";
import { change, wordOf } from "../../router/place.ts";
import type { ViewName } from "../../router/routes.tsx";
import { ConnectionNote, RefusedNote } from "./connection_note.tsx";
import { TargetHead } from "./target_head.tsx";

/** This changes with each tick: whoever does not see it is not told each time. */
function Matched({ feed }: { feed: Feed }) {
  const tick = feed.tick.value;
  if (!tick) return null;
  return <span class="small dim">{words.value.live.matched(whole(tick.matched), whole(tick.total))}</span>;
}

function Filter({ feed }: { feed: Feed }) {
  const { live } = words.value;
  const q = wordOf("q").value ?? "";
  useEffect(() => feed.say({ kind: "filter", text: q }), [feed, q]);
  const { trouble, what, text } = feed.filter.value;
  return (
    <div class="live-filter">
      <input
        type="search"
        class="filter"
        data-filter
        aria-label={live.filter}
        placeholder={live.filter}
        title={live.filterHelp}
        spellcheck={false}
        autocomplete="off"
        value={q}
        aria-invalid={trouble !== undefined}
        onInput={(event) => change({ q: event.currentTarget.value || undefined }, "replace")}
      />
      <span class="small trouble" role="status">
        {trouble && text === q && live.filterTroubles[trouble](printable(what))}
      </span>
      {!trouble && q && <Matched feed={feed} />}
      {q && (
        <button type="button" class="quiet" onClick={() => change({ q: undefined })}>
          {words.value.says.clearFilter}
        </button>
      )}
    </div>
  );
}

function Pause({ feed }: { feed: Feed }) {
  const { live } = words.value;
  const isPaused = feed.isPaused.value;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping =
        event.target instanceof HTMLElement &&
        /^(?:INPUT|SELECT|TEXTAREA|BUTTON|A)$/.test(event.target.tagName);
      if (event.key !== "p" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      feed.pause(!feed.isPaused.value);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [feed]);
  return (
    <button type="button" aria-pressed={isPaused} aria-keyshortcuts="p" onClick={() => feed.pause(!isPaused)}>
      {isPaused ? `▶ ${live.goOn}` : `❚❚ ${live.pause}`}
    </button>
  );
}

interface LiveFrameProps {
  readonly feed: Feed;
  readonly here: ViewName;
  /** Whether what is filtered for is of interest here. */
  readonly hasFilter?: boolean;
  /** Further controls, beside the filter. */
  readonly controls?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function LiveFrame({ feed, here, hasFilter = true, controls, children }: LiveFrameProps) {
  const { live } = words.value;
  const extent = feed.extent.value;
  const connection = feed.connection.value;
  const isOver = connection.kind === "ended" && extent === "unknown";
  return (
    <article class={`live-view ${connection.kind}`}>
      <TargetHead id={feed.target} here={here}>
        <ConnectionNote feed={feed} />
        <Pause feed={feed} />
      </TargetHead>
      <div class="live-controls">
        {hasFilter && <Filter feed={feed} />}
        {controls}
      </div>
      <RefusedNote feed={feed} />
      {extent === "some" ? children : null}
      {extent === "nobody" ? <Empty title={live.nobody} /> : null}
      {extent === "unknown" && !isOver && connection.kind !== "refused" && <Loading />}
      {isOver && <Empty title={live.endedBefore} hint={live.endedHint} />}
    </article>
  );
}
