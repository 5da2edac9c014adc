// What colours mean.
import { clock, span, whole } from "../../format/figures.ts";
import { cividisCss } from "../../gl/cividis.ts";
import { words } from "../../i18n/language.ts";
import type { Feed } from "../../live/feed.ts";
import { quoted } from "../../live/filter/text.ts";
import type { Tick } from "../../live/messages.ts";
import { CodePlace, FunctionName } from "../../parts/names.tsx";
import { changed } from "../../router/place.ts";
import { sinceOf } from "./chosen.ts";

export function ClusterLegend({ feed, tick }: { feed: Feed; tick: Tick }) {
  const { live } = words.value;
  const clusters = feed.clusters.value
    .filter(({ number }) => (tick.clusterColours[number] ?? 0) > 0)
    .sort((a, b) => (tick.clusterCounts[b.number] ?? 0) - (tick.clusterCounts[a.number] ?? 0));
  const coloured = clusters.reduce((sum, { number }) => sum + (tick.clusterCounts[number] ?? 0), 0);
  return (
    <ul class="cluster-legend">
      {clusters.map(({ number, key, own, missing }) => (
        <li key={key}>
          <svg class={`swatch series-${tick.clusterColours[number]}`} viewBox="0 0 10 10" aria-hidden="true">
            <circle cx="5" cy="5" r="5" />
          </svg>
          <span class="number">{whole(tick.clusterCounts[number] ?? 0)}</span>
          <a class="clip" href={changed({ q: `stack=${quoted(key)}` })}>
            {own ? (
              <FunctionName name={own.function} />
            ) : (
              <span class="dim">{live.noStack(missing ?? "")}</span>
            )}
          </a>
          {own ? <CodePlace file={own.file} line={own.line || null} /> : <span />}
          <Since tick={tick} cluster={number} />
        </li>
      ))}
      {tick.total > coloured && (
        <li>
          <svg class="swatch series-rest" viewBox="0 0 10 10" aria-hidden="true">
            <circle cx="5" cy="5" r="5" />
          </svg>
          <span class="number">{whole(tick.total - coloured)}</span>
          <span class="dim">{live.map.otherStacks}</span>
        </li>
      )}
    </ul>
  );
}

function Since({ tick, cluster }: { tick: Tick; cluster: number }) {
  const since = sinceOf(tick, cluster);
  if (since === undefined) return null;
  return <span class="dim">{words.value.live.map.since(clock(since))}</span>;
}

const AGES_S = [0, 1, 10, 60, 600, 3_600, 21_600, 86_400];
const ageAt = (s: number) => Math.log(1 + s) / Math.log(86_401);

export function AgeLegend() {
  const { live } = words.value;
  return (
    <div class="scale-legend">
      <span class="dim">{live.map.waited}</span>
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        {Array.from({ length: 50 }, (_, index) => (
          <rect key={index} x={index * 2} y="0" width="2.2" height="8" fill={cividisCss(index / 49)} />
        ))}
      </svg>
      <div class="scale-names">
        {AGES_S.map((s) => (
          <span key={s} style={{ left: `${ageAt(s) * 100}%` }}>
            {s === 0 ? "0" : span(s * 1_000)}
          </span>
        ))}
      </div>
    </div>
  );
}

/** Colours of numbers up to the largest. */
export function CountScale({ most }: { most: number }) {
  return (
    <div class="past-scale dim small">
      1
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        {Array.from({ length: 50 }, (_, index) => (
          <rect key={index} x={index * 2} y="0" width="2.2" height="8" fill={cividisCss(index / 49)} />
        ))}
      </svg>
      {whole(most)}
    </div>
  );
}
