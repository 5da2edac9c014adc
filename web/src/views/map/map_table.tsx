// The numbers of the map as a table: for those who do not see it, and for browsers without WebGL 2.
import { whole } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import { meaningOf } from "../../live/cells/grid.ts";
import type { Tick } from "../../live/messages.ts";
import { columnName } from "./heads.tsx";

export function MapTable({ tick }: { tick: Tick }) {
  const { live } = words.value;
  const rows = new Map<number, number[]>();
  for (let at = 0; at + 2 < tick.cells.length; at += 3) {
    const { p, column } = meaningOf(tick.cells[at] ?? 0);
    const row = rows.get(p) ?? tick.columns.map(() => 0);
    row[column] = (row[column] ?? 0) + (tick.cells[at + 1] ?? 0);
    rows.set(p, row);
  }
  const all = [...rows].sort(([a], [b]) => a - b);
  return (
    <div class="wide">
      <table>
        <caption class="unseen">{live.map.asTable}</caption>
        <thead>
          <tr>
            <th scope="col">P</th>
            {tick.columns.map((column, index) => (
              <th scope="col" class="number" key={`${column.kind} ${column.name}`}>
                {columnName(tick, index)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {all.map(([p, counts]) => (
            <tr key={p}>
              <th scope="row">{p < 0 ? live.map.noP : `P${p}`}</th>
              {counts.map((count, index) => (
                <td class="number" key={tick.columns[index]?.name}>
                  {count === 0 ? <span class="dim">·</span> : whole(count)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
