// What colours mean.
import { clock, span, whole } from "../../format/figures.ts";
import { cividisGradient } from "../../gl/cividis.ts";
import { words } from "../../i18n/language.ts";
import type { Feed } from "../../live/feed.ts";
import { quoted } from "../../live/filter/text.ts";
import type { ShownCluster, Tick } from "../../live/messages.ts";
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
      {clusters.map((cluster) => (
        <Cluster
          key={cluster.key}
          cluster={cluster}
          colour={tick.clusterColours[cluster.number] ?? 0}
          count={tick.clusterCounts[cluster.number] ?? 0}
          since={sinceOf(tick, cluster.number)}
        />
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

interface ClusterProps {
  readonly cluster: ShownCluster;
  readonly colour: number;
  readonly count: number;
  /** When the oldest wait began, Unix milliseconds. */
  readonly since: number | undefined;
}

/** Drawn anew only when something of it has changed, not at each tick. */
function Cluster({ cluster: { key, own, missing }, colour, count, since }: ClusterProps) {
  const { live } = words.value;
  return (
    <li>
      <svg class={`swatch series-${colour}`} viewBox="0 0 10 10" aria-hidden="true">
        <circle cx="5" cy="5" r="5" />
      </svg>
      <span class="number">{whole(count)}</span>
      <a class="clip" href={changed({ q: `stack=${quoted(key)}` })}>
        {own ? <FunctionName name={own.function} /> : <span class="dim">{live.noStack(missing ?? "")}</span>}
      </a>
      {own ? <CodePlace file={own.file} line={own.line || null} /> : <span />}
      {since !== undefined && <span class="dim">{live.map.since(clock(since))}</span>}
    </li>
  );
}

const AGES_S = [0, 1, 10, 60, 600, 3_600, 21_600, 86_400];
const ageAt = (s: number) => Math.log(1 + s) / Math.log(86_401);

export function AgeLegend() {
  const { live } = words.value;
  return (
    <div class="scale-legend">
      <span class="dim">{live.map.waited}</span>
      <span class="scale" style={{ background: cividisGradient }} aria-hidden="true" />
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
      <span class="scale" style={{ background: cividisGradient }} aria-hidden="true" />
      {whole(most)}
    </div>
  );
}
