// A bar of shares: how many goroutines are in which state.
import type { Series } from "../api/history.ts";
import { whole } from "../format/figures.ts";
import { words } from "../i18n/language.ts";
import { colourName } from "./series_colours.ts";
import { seriesWord } from "./series_name.tsx";

const WIDTH = 100;
/** What is there at all can be seen. */
const SHARE_MIN = 1.5;

export function StateBar({ series }: { series: readonly Series[] }) {
  const parts = series.flatMap((one, index) =>
    one.last ? [{ name: seriesWord(one), count: one.last, colour: colourName(one, index) }] : [],
  );
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return null;
  const shares = parts.map(({ count }) => Math.max((count / total) * WIDTH, SHARE_MIN));
  const scale = WIDTH / shares.reduce((sum, share) => sum + share, 0);
  const label = words.value.overview.statesOf(
    parts.map(({ name, count }) => `${name} ${whole(count)}`).join(", "),
  );
  let x = 0;
  return (
    <svg
      class="state-bar"
      viewBox={`0 0 ${WIDTH} 8`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      {parts.map(({ name, colour }, index) => {
        const width = (shares[index] ?? 0) * scale;
        const from = x;
        x += width;
        return <rect key={name} class={colour} x={from} width={Math.max(width - 0.6, 0.4)} height="8" />;
      })}
    </svg>
  );
}
