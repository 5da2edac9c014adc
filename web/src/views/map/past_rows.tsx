// Names and numbers of the stacks beside the picture of the past: all that it says, as text.
import { signed, whole } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import { quoted } from "../../live/filter/text.ts";
import type { ShownCluster } from "../../live/messages.ts";
import { FunctionName } from "../../parts/names.tsx";
import { changed } from "../../router/place.ts";
import type { PastRow } from "./past_order.ts";

/** All rows have this height. */
export const ROW_PX = 22;

interface RowNameProps extends Pick<PastRow, "number" | "now" | "change"> {
  readonly cluster: ShownCluster | undefined;
}

/** Drawn anew only when something of it has changed, not at each tick. */
function RowName({ number, now, change, cluster }: RowNameProps) {
  const { live } = words.value;
  const name = cluster?.own ? (
    <FunctionName name={cluster.own.function} />
  ) : (
    <span class="dim">
      {cluster && number > 0 ? live.noStack(cluster.missing ?? "") : live.map.otherStacks}
    </span>
  );
  return (
    <li class="past-name">
      <span class="clip">
        {cluster?.key ? <a href={changed({ q: `stack=${quoted(cluster.key)}` })}>{name}</a> : name}
      </span>
      <span class="number">{whole(now)}</span>
      <span class={`number ${change > 0 ? "grown" : "dim"}`}>{change === 0 ? "" : signed(change)}</span>
    </li>
  );
}

interface PastRowsProps {
  readonly rows: readonly PastRow[];
  readonly clusters: readonly ShownCluster[];
}

export function PastRows({ rows, clusters }: PastRowsProps) {
  return (
    <ul class="past-names">
      {rows.map(({ number, now, change }) => (
        <RowName key={number} number={number} now={now} change={change} cluster={clusters[number]} />
      ))}
    </ul>
  );
}
