// The functions that most leaked goroutines stand in.
import type { Finding, FindingSpan } from "../../api/findings.ts";
import { percent, whole } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { CodePlace, FunctionName } from "../../parts/names.tsx";
import { address } from "../../router/place.ts";
import { leakingFunctions } from "./tally.ts";

const TOP = 15;

export function LeakingTable({ findings, since }: { findings: readonly Finding[]; since: FindingSpan }) {
  const { board, findings: said } = words.value;
  const all = leakingFunctions(findings, Number.POSITIVE_INFINITY);
  const total = all.reduce((sum, { goroutines }) => sum + goroutines, 0);
  if (all.length === 0) return <p class="dim">{said.empty}</p>;
  return (
    <div class="wide">
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">{board.columns.function}</th>
            <th scope="col" class="number">
              {board.columns.goroutines}
            </th>
            <th scope="col">{board.columns.share}</th>
            <th scope="col">{board.columns.services}</th>
            <th scope="col" class="number">
              {board.columns.findings}
            </th>
          </tr>
        </thead>
        <tbody>
          {all.slice(0, TOP).map(({ cause, goroutines, findings: ids, services }) => (
            <tr key={`${cause.function} ${cause.file} ${cause.line}`}>
              <th scope="row">
                <FunctionName name={cause.function} /> <CodePlace file={cause.file} line={cause.line} />
              </th>
              <td class="number strong">{whole(goroutines)}</td>
              <td class="share-of">
                <svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                  <rect width={(goroutines / total) * 100} height="8" rx="1" />
                </svg>{" "}
                {percent(goroutines / total)}
              </td>
              <td>{services.map(printable).join(", ")}</td>
              <td class="number">
                <a
                  href={
                    ids.length === 1
                      ? address(`/findings/${ids[0]}`, { since, state: "all" })
                      : address("/findings", { since, state: "all", function: cause.function })
                  }
                >
                  {ids.length}
                </a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
