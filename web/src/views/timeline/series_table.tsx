// The numbers of the chart: each series, with its value where the pointer is.
import type { HistoryAnswer } from "../../api/history.ts";
import { colourName } from "../../charts/series_colours.ts";
import { SeriesName } from "../../charts/series_name.tsx";
import { type Difference, differences, seriesKey, slotValue } from "../../charts/stacking.ts";
import { clock, signed, whole } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import { ShowMore, useBounded } from "../../parts/bounded.tsx";
import { Swatch } from "./legend.tsx";

export function SeriesTable({ answer, slot }: { answer: HistoryAnswer; slot: number | undefined }) {
  const { timeline } = words.value;
  const bounded = useBounded(answer.series);
  const start = slot === undefined ? undefined : answer.slots[slot]?.start_ms;
  return (
    <div class="wide">
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">{timeline.series}</th>
            <th scope="col" class="number here">
              {start === undefined ? timeline.at : clock(start)}
            </th>
            <th scope="col" class="number">
              {timeline.lastValue}
            </th>
            <th scope="col" class="number">
              {timeline.min}
            </th>
            <th scope="col" class="number">
              {timeline.mean}
            </th>
            <th scope="col" class="number">
              {timeline.max}
            </th>
            <th scope="col" class="number">
              {timeline.difference}
            </th>
          </tr>
        </thead>
        <tbody>
          {bounded.shown.map((series, index) => (
            <tr key={seriesKey(series)}>
              <th scope="row">
                <div class="swatched">
                  <Swatch name={colourName(series, index)} />
                  <SeriesName series={series} />
                </div>
              </th>
              <td class="number here">{slot === undefined ? "" : whole(slotValue(series.values[slot]))}</td>
              <td class="number strong">{whole(series.last)}</td>
              <td class="number">{whole(series.min)}</td>
              <td class="number">{whole(series.mean)}</td>
              <td class="number">{whole(series.max)}</td>
              <td class="number">{signed(series.change)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ShowMore of={bounded} />
    </div>
  );
}

function changeOf({ now, earlier }: Difference): string {
  return now === null || earlier === null ? "–" : signed(now - earlier);
}

/** Two times side by side, by their means. */
export function DifferenceTable({ answer, then }: { answer: HistoryAnswer; then: HistoryAnswer }) {
  const { timeline } = words.value;
  const bounded = useBounded(differences(answer, then));
  return (
    <div class="wide">
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">{timeline.series}</th>
            <th scope="col" class="number">
              {timeline.earlier}
            </th>
            <th scope="col" class="number">
              {timeline.untilNow}
            </th>
            <th scope="col" class="number">
              {timeline.difference}
            </th>
          </tr>
        </thead>
        <tbody>
          {bounded.shown.map((difference) => (
            <tr key={seriesKey(difference.series)}>
              <th scope="row">
                <SeriesName series={difference.series} />
              </th>
              <td class="number">{whole(difference.earlier)}</td>
              <td class="number">{whole(difference.now)}</td>
              <td class="number strong">{changeOf(difference)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ShowMore of={bounded} />
    </div>
  );
}
