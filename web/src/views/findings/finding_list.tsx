// Findings, a line or two each.
import "./findings.css";
import type { Finding } from "../../api/findings.ts";
import { decimal, whole } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { Age } from "../../parts/ages.tsx";
import { ShowMore, useBounded } from "../../parts/bounded.tsx";
import { kindWord, SeverityMark, StateWord } from "../../parts/marks.tsx";
import { CodePlace, FunctionName } from "../../parts/names.tsx";
import { address, place } from "../../router/place.ts";

/** What a finding is about: its main place in code, or else what it is grouped by. */
function Subject({ finding }: { finding: Finding }) {
  const cause = finding.causes[0];
  if (!cause) return <span>{printable(finding.key.route ?? finding.key.package ?? finding.service)}</span>;
  return (
    <>
      <FunctionName name={cause.function} /> <CodePlace file={cause.file} line={cause.line} />
    </>
  );
}

function Line({ finding, isChosen }: { finding: Finding; isChosen: boolean }) {
  const { findings } = words.value;
  const query = Object.fromEntries(place.value.query);
  const growth = finding.per_minute !== null && finding.per_minute !== 0;
  return (
    <li class={finding.state}>
      <a
        data-row
        class="finding-line"
        aria-current={isChosen ? "true" : undefined}
        href={address(
          `/findings/${encodeURIComponent(finding.id)}`,
          place.value.path.startsWith("/findings")
            ? { ...query, began: query.since && finding.began_unix_ms }
            : {},
        )}
      >
        <SeverityMark severity={finding.severity} />
        <span class="finding-kind">
          {kindWord(finding.kind)} <StateWord finding={finding} />
          {finding.is_test && <span class="dim"> · {findings.test}</span>}
          {finding.silenced_by !== null && (
            <span class="dim"> · {findings.silencedBy(finding.silenced_by)}</span>
          )}
        </span>
        <span class="finding-subject">
          <Subject finding={finding} />
        </span>
        <span class="finding-count number">
          {/* Some kinds of trouble are not made of goroutines. */}
          <strong>{finding.count > 0 && whole(finding.count)}</strong>
          {growth && <span class="dim small"> {findings.perMinute(`${decimal(finding.per_minute)}`)}</span>}
        </span>
        <span class="finding-where dim small">
          {printable(finding.service)}
          {finding.environment && ` · ${printable(finding.environment)}`}
          {finding.key.route && ` · ${printable(finding.key.route)}`} ·{" "}
          <Age at={finding.first_seen_unix_ms} />
        </span>
      </a>
    </li>
  );
}

/** Of a finding that was there several times, one may be chosen. */
function isOfTime(finding: Finding): boolean {
  const began = place.value.query.get("began");
  return began === null || began === String(finding.began_unix_ms);
}

export function FindingList({
  findings,
  chosen,
}: {
  findings: readonly Finding[];
  chosen: string | undefined;
}) {
  const at =
    chosen === undefined ? -1 : findings.findIndex((finding) => finding.id === chosen && isOfTime(finding));
  const bounded = useBounded(findings, at);
  return (
    <>
      <ol class="finding-list">
        {bounded.shown.map((finding) => (
          <Line
            key={`${finding.id} ${finding.began_unix_ms}`}
            finding={finding}
            isChosen={finding.id === chosen && isOfTime(finding)}
          />
        ))}
      </ol>
      <ShowMore of={bounded} />
    </>
  );
}
