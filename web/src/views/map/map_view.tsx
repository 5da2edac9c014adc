// The heat map: all goroutines now, or how many each stack had over the last minutes.
import "./map.css";
import { whole } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import { type Feed, useFeed } from "../../live/feed.ts";
import { change, wordOf } from "../../router/place.ts";
import type { ViewProps } from "../../router/routes.tsx";
import { LiveFrame } from "../live/live_frame.tsx";
import { targetAddress } from "../live/target_head.tsx";
import { DotMap } from "./dot_map.tsx";
import { AgeLegend, ClusterLegend } from "./legends.tsx";
import { PastMap } from "./past_map.tsx";

type Show = "dots" | "past";

function Choice({
  name,
  value,
  of,
}: {
  name: string;
  value: string;
  of: readonly (readonly [string, string])[];
}) {
  const [first] = of;
  return (
    <fieldset class="choice">
      {of.map(([key, said]) => (
        <button
          key={key}
          type="button"
          aria-pressed={key === value}
          onClick={() => change({ [name]: key === first?.[0] ? undefined : key }, "replace")}
        >
          {said}
        </button>
      ))}
    </fieldset>
  );
}

/** From what is chosen to its goroutines, whose chains are there, its stacks, and the search for leaks. */
function WayOn({ feed }: { feed: Feed }) {
  const { live, nav } = words.value;
  const tick = feed.tick.value;
  const q = wordOf("q").value;
  if (!q || !tick) return null;
  return (
    <p class="way-on">
      {live.map.chosen} <strong>{whole(tick.matched)}</strong>
      {(["goroutines", "stacks", "leaks"] as const).map((view) => (
        <a key={view} href={targetAddress(feed.target, `/${view}`)}>
          {nav[view]} →
        </a>
      ))}
    </p>
  );
}

function Shown({ feed, show, byAge }: { feed: Feed; show: Show; byAge: boolean }) {
  const tick = feed.tick.value;
  if (!tick) return null;
  if (show === "past") return <PastMap feed={feed} tick={tick} />;
  return (
    <>
      <DotMap feed={feed} tick={tick} byAge={byAge} />
      {byAge ? <AgeLegend /> : <ClusterLegend feed={feed} tick={tick} />}
    </>
  );
}

export default function MapView({ parameters }: ViewProps) {
  const { live } = words.value;
  const show: Show = wordOf("show").value === "past" ? "past" : "dots";
  const byAge = wordOf("colour").value === "age";
  const by = wordOf("by").value === "growth" ? "growth" : "count";
  const feed = useFeed(parameters.id ?? "", show === "dots" ? { dots: true } : { past: true });
  const controls = (
    <>
      <Choice
        name="show"
        value={show}
        of={[
          ["dots", live.map.now],
          ["past", live.map.past],
        ]}
      />
      {show === "dots" ? (
        <Choice
          name="colour"
          value={byAge ? "age" : "stack"}
          of={[
            ["stack", live.map.byStack],
            ["age", live.map.byAge],
          ]}
        />
      ) : (
        <Choice
          name="by"
          value={by}
          of={[
            ["count", live.map.byCount],
            ["growth", live.map.byGrowth],
          ]}
        />
      )}
    </>
  );
  return (
    <LiveFrame feed={feed} here="map" controls={controls}>
      <WayOn feed={feed} />
      <Shown feed={feed} show={show} byAge={byAge} />
    </LiveFrame>
  );
}
