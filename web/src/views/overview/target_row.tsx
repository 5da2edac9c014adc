// One process of the overview.
import { useRef } from "preact/hooks";
import type { Severity } from "../../api/findings.ts";
import { Sparkline } from "../../charts/sparkline.tsx";
import { totals } from "../../charts/stacking.ts";
import { StateBar } from "../../charts/state_bar.tsx";
import { whole } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { Age } from "../../parts/ages.tsx";
import { SeverityMark } from "../../parts/marks.tsx";
import { useSeen } from "../../parts/seen.ts";
import { historySource, useSource } from "../../polling/sources.ts";
import { address } from "../../router/place.ts";
import { lookTroubles, lookWords } from "../target/look_words.ts";
import type { Row } from "./rows.ts";

const TREND_EVERY_MS = 15_000;

const SEVERITIES: readonly Severity[] = ["critical", "warning", "info"];

function FindingsCell({ row }: { row: Row }) {
  const counts = SEVERITIES.map((severity) => ({
    severity,
    count: row.findings.filter((finding) => finding.severity === severity).length,
  })).filter(({ count }) => count > 0);
  if (counts.length === 0) return <span class="dim">–</span>;
  return (
    <a class="finding-counts" href={address("/findings", { pid: row.target.pid })}>
      {counts.map(({ severity, count }) => (
        <span key={severity}>
          <SeverityMark severity={severity} />
          {count}
        </span>
      ))}
    </a>
  );
}

function LooksCell({ row: { target } }: { row: Row }) {
  const troubles = lookTroubles(target);
  return (
    <>
      {lookWords(target)}
      {troubles.map((trouble) => (
        <div key={trouble} class="trouble small">
          {trouble}
        </div>
      ))}
      {target.error && (
        <div class="trouble small clip" title={printable(target.error)}>
          {printable(target.error)}
        </div>
      )}
    </>
  );
}

export function TargetRow({ row }: { row: Row }) {
  const { target } = row;
  const { overview, looks } = words.value;
  const line = useRef<HTMLTableRowElement>(null);
  const seen = useSeen(line);
  const question = { target: target.id, by: "state", since: "15m", top: 10 };
  // Who is never looked at has no past to be asked for.
  const isAsked = seen && target.looks > 0;
  const past = useSource(isAsked ? historySource(question, TREND_EVERY_MS) : undefined).data;
  const trend = past ? totals(past) : [];
  const known = trend.filter((value) => value !== null);
  const label =
    known.length > 0 ? overview.trendOf(whole(Math.min(...known)), whole(Math.max(...known))) : "";
  return (
    <tr ref={line}>
      <th scope="row">
        <a data-row class="row-name" href={address(`/targets/${encodeURIComponent(target.id)}`)}>
          {printable(target.name)}
        </a>
        <div class="dim small clip">
          {target.pid}
          {target.module && ` · ${printable(target.module)}`}
        </div>
      </th>
      <td data-label={overview.columns.release} class="release">
        {printable(target.go_version.replace(/^go/, ""))}
      </td>
      <td data-label={overview.columns.goroutines} class="number strong" title={overview.ownOnly}>
        {whole(target.goroutines)}
      </td>
      <td data-label={overview.columns.trend} class="trend">
        {known.length > 0 && <Sparkline column={trend} label={label} />}
      </td>
      <td data-label={overview.columns.states} class="states">
        {past && <StateBar series={past.series} />}
      </td>
      <td data-label={overview.columns.findings}>
        <FindingsCell row={row} />
      </td>
      <td data-label={overview.columns.looks} class="looks">
        <LooksCell row={row} />
      </td>
      <td data-label={overview.columns.age} class="number dim">
        {target.looked_at_ms === null ? looks.never : <Age at={target.looked_at_ms} />}
      </td>
    </tr>
  );
}
