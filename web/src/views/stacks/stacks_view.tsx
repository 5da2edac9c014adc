// Stacks of all goroutines, or those that are filtered for, as a flame graph or icicle.
import "./stacks.css";
import { percent, whole } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import { useFeed } from "../../live/feed.ts";
import type { Node } from "../../live/stacks/tree.ts";
import { change, place } from "../../router/place.ts";
import type { ViewProps } from "../../router/routes.tsx";
import { LiveFrame } from "../live/live_frame.tsx";
import { AgeLegend } from "../map/legends.tsx";
import { Flame } from "./flame.tsx";
import { STATE_COLOURS } from "./flame_colours.ts";
import { countWith } from "./flame_layout.ts";
import { type Pin, usePin } from "./pin.tsx";

function Search({ root, find }: { root: Node | undefined; find: string }) {
  const { live } = words.value;
  const count = find && root ? countWith(root, find) : 0;
  return (
    <>
      <input
        type="search"
        class="stack-search"
        aria-label={live.stacks.search}
        placeholder={live.stacks.search}
        value={place.value.query.get("find") ?? ""}
        onInput={(event) => change({ find: event.currentTarget.value || undefined }, "replace")}
      />
      {find && root && (
        <span class="dim small">
          {live.stacks.found(whole(count), percent(count / Math.max(root.tally.count, 1)))}
        </span>
      )}
    </>
  );
}

function StateLegend({ root }: { root: Node }) {
  const { states } = words.value.live.stacks;
  const all = [...root.tally.byState].sort(([, a], [, b]) => b - a);
  return (
    <ul class="legend">
      {all.map(([state, count]) => (
        <li key={state}>
          <svg class={`swatch ${STATE_COLOURS[state] ?? "series-rest"}`} viewBox="0 0 9 9" aria-hidden="true">
            <rect width="9" height="9" />
          </svg>
          {Object.hasOwn(states, state) ? states[state] : state} <span class="number">{whole(count)}</span>
        </li>
      ))}
    </ul>
  );
}

function Shown({ root, pin, find }: { root: Node; pin: Pin; find: string }) {
  const { query } = place.value;
  const byAge = query.get("colour") === "age";
  const legend = byAge ? <AgeLegend /> : <StateLegend root={root} />;
  return (
    <>
      <Flame
        root={root}
        before={pin.before}
        isIcicle={query.get("up") === null}
        byAge={byAge}
        find={find}
        focus={query.get("at") ?? undefined}
      />
      {pin.said && (
        <p class="dim small" role="status">
          {pin.said}
        </p>
      )}
      {!pin.before && legend}
    </>
  );
}

export default function StacksView({ parameters }: ViewProps) {
  const { live } = words.value;
  const { query } = place.value;
  const feed = useFeed(parameters.id ?? "", { stacks: true });
  const stacks = feed.stacks.value;
  const pin = usePin(feed);
  const find = (query.get("find") ?? "").trim().toLowerCase();
  const [isUp, byAge] = [query.get("up") !== null, query.get("colour") === "age"];
  const controls = (
    <>
      <Search root={stacks?.root} find={find} />
      <fieldset class="choice">
        <button type="button" aria-pressed={!isUp} onClick={() => change({ up: undefined }, "replace")}>
          {live.stacks.icicle}
        </button>
        <button type="button" aria-pressed={isUp} onClick={() => change({ up: 1 }, "replace")}>
          {live.stacks.flame}
        </button>
      </fieldset>
      <fieldset class="choice">
        <button type="button" aria-pressed={!byAge} onClick={() => change({ colour: undefined }, "replace")}>
          {live.stacks.byState}
        </button>
        <button type="button" aria-pressed={byAge} onClick={() => change({ colour: "age" }, "replace")}>
          {live.stacks.byAge}
        </button>
      </fieldset>
      <button type="button" aria-pressed={pin.at !== undefined} onClick={pin.toggle}>
        {pin.at === undefined ? live.stacks.pin : live.stacks.unpin}
      </button>
    </>
  );
  return (
    <LiveFrame feed={feed} here="stacks" controls={controls}>
      {stacks && <Shown root={stacks.root} pin={pin} find={find} />}
    </LiveFrame>
  );
}
