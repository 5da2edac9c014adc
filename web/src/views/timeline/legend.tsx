// Which colour is which series, in one line.
import type { Series } from "../../api/history.ts";
import { colourName } from "../../charts/series_colours.ts";
import { seriesWord } from "../../charts/series_name.tsx";
import { whole } from "../../format/figures.ts";

export function Swatch({ name }: { name: string }) {
  return (
    <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
      <rect class={name} width="10" height="10" rx="2" />
    </svg>
  );
}

export function Legend({ series }: { series: readonly Series[] }) {
  return (
    <ul class="legend">
      {series.map((one, index) => (
        <li key={`${one.kind} ${one.name}`}>
          <Swatch name={colourName(one, index)} />
          {seriesWord(one)} <span class="number">{whole(one.last)}</span>
        </li>
      ))}
    </ul>
  );
}
