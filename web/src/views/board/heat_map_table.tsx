// The map of endpoints and packages, as a table that also a screen reader can go through.
import type { Finding, FindingSpan } from "../../api/findings.ts";
import { whole } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { SeverityMark } from "../../parts/marks.tsx";
import { address } from "../../router/place.ts";
import { type Cell, type HeatMap, heatMap } from "./tally.ts";

interface FieldProps {
  readonly cell: Cell | undefined;
  readonly row: string | null;
  readonly column: string | null;
  readonly since: FindingSpan;
}

function Field({ cell, row, column, since }: FieldProps) {
  if (!cell) return <td class="nothing" />;
  return (
    <td class={cell.worst}>
      <a
        href={address("/findings", {
          since,
          state: "all",
          route: row ?? undefined,
          package: column ?? undefined,
        })}
        title={words.value.board.of(cell.findings)}
      >
        <SeverityMark severity={cell.worst} />
        <span class="number">{cell.goroutines > 0 && whole(cell.goroutines)}</span>
        <span class="dim small">{cell.findings}</span>
      </a>
    </td>
  );
}

function Head({ map }: { map: HeatMap }) {
  const { board } = words.value;
  return (
    <thead>
      <tr>
        <td />
        {map.columns.map((name) => (
          <th key={name ?? ""} scope="col">
            {name === null ? (
              <span class="dim">{board.noPackage}</span>
            ) : (
              <code title={printable(name)}>{printable(name.split("/").slice(-2).join("/"))}</code>
            )}
          </th>
        ))}
      </tr>
    </thead>
  );
}

export function HeatMapTable({ findings, since }: { findings: readonly Finding[]; since: FindingSpan }) {
  const { board, findings: said } = words.value;
  const map = heatMap(findings);
  if (map.rows.length === 0) return <p class="dim">{said.empty}</p>;
  return (
    <div class="wide">
      <table class="heat">
        <Head map={map} />
        <tbody>
          {map.rows.map((row) => (
            <tr key={row ?? ""}>
              <th scope="row">
                {row === null ? <span class="dim">{board.noRoute}</span> : <code>{printable(row)}</code>}
              </th>
              {map.columns.map((column) => (
                <Field
                  key={column ?? ""}
                  cell={map.cell(row, column)}
                  row={row}
                  column={column}
                  since={since}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {map.leftOut > 0 && <p class="dim small">{said.targetsMore(map.leftOut)}</p>}
    </div>
  );
}
