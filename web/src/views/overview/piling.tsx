// What piles up in the processes of the overview: how many goroutines, on which line, since when.
import type { Cause, Finding } from "../../api/findings.ts";
import type { Target } from "../../api/targets.ts";
import { clock, decimal, moment, whole } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { quoted } from "../../live/filter/text.ts";
import { Age } from "../../parts/ages.tsx";
import { kindWord, SeverityMark } from "../../parts/marks.tsx";
import { CodePlace, FunctionName } from "../../parts/names.tsx";
import { address } from "../../router/place.ts";
import { chosen, filterOf } from "../findings/finding_filter.ts";
import { targetAddress } from "../live/target_head.tsx";
import type { Row } from "./rows.ts";

/** More are in the list of findings. */
const SHOWN = 8;

/** Goroutines that stand at one line of code. */
export interface PileUp {
  readonly finding: Finding;
  readonly cause: Cause;
  /** The process, if it is one. */
  readonly target: Target | undefined;
}

/** The worst of what was found in these processes, then the largest; each line of a service once. */
export function pileUps(rows: readonly Row[]): PileUp[] {
  const targets = new Map(rows.flatMap(({ target, findings }) => findings.map((one) => [one, target])));
  const worst = chosen([...targets.keys()], filterOf(new URLSearchParams()));
  const byLine = new Map<string, PileUp>();
  for (const finding of worst) {
    const [cause] = finding.causes;
    // Drills are nobody's trouble, and who has silenced something knows of it.
    if (!cause || finding.count === 0 || finding.is_test || finding.silenced_by !== null) continue;
    const line = [finding.service, cause.function, cause.file, cause.line].join("\n");
    const target = finding.targets_total === 1 ? targets.get(finding) : undefined;
    if (!byLine.has(line)) byLine.set(line, { finding, cause, target });
  }
  return [...byLine.values()].slice(0, SHOWN);
}

function Who({ finding, target }: { finding: Finding; target: Target | undefined }) {
  const { overview } = words.value;
  if (!target) {
    return (
      <>
        {printable(finding.service)} <span class="dim">{overview.targets(finding.targets_total)}</span>
      </>
    );
  }
  const id = encodeURIComponent(target.id);
  return (
    <>
      <a href={address(`/targets/${id}`)}>{printable(target.name)}</a> <span class="dim">{target.pid}</span>
    </>
  );
}

function Line({ pile: { finding, cause, target } }: { pile: PileUp }) {
  const { findings, live, nav } = words.value;
  const grows = finding.per_minute !== null && finding.per_minute > 0;
  return (
    <li>
      <span class="number">
        <strong>{whole(finding.count)}</strong>
        {grows && <span class="dim small"> {findings.perMinute(`+${decimal(finding.per_minute)}`)}</span>}
      </span>
      <span class="piling-where">
        <SeverityMark severity={finding.severity} />{" "}
        <a data-row href={address(`/findings/${encodeURIComponent(finding.id)}`)}>
          <FunctionName name={cause.function} /> <CodePlace file={cause.file} line={cause.line} />
        </a>
        <span class="small dim">
          {kindWord(finding.kind)} ·{" "}
          <span title={moment(finding.first_seen_unix_ms)}>
            {live.map.since(clock(finding.first_seen_unix_ms))}
          </span>{" "}
          (<Age at={finding.first_seen_unix_ms} />)
        </span>
      </span>
      <span class="piling-who">
        <Who finding={finding} target={target} />
        {target && (
          <a class="small" href={targetAddress(target.id, "/map", `func=${quoted(cause.function)}`)}>
            {nav.map} →
          </a>
        )}
      </span>
    </li>
  );
}

export function Piling({ rows }: { rows: readonly Row[] }) {
  const { overview, target } = words.value;
  const piles = pileUps(rows);
  return (
    <section>
      <h2>{overview.piling}</h2>
      {piles.length === 0 && <p class="dim">{target.noFindings}</p>}
      <ol class="piling">
        {piles.map((pile) => (
          <Line key={`${pile.finding.id} ${pile.finding.began_unix_ms}`} pile={pile} />
        ))}
      </ol>
    </section>
  );
}
