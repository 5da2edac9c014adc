// Where findings are and were, whose code it is, and how long they take to be found and mended.
import "./board.css";
import {
  FINDING_SPANS,
  type Finding,
  type FindingSpan,
  type Findings,
  type FindingsPast,
  spanOf,
} from "../../api/findings.ts";
import { moment, span, whole } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import { Empty, Loading, Refused } from "../../parts/notices.tsx";
import { Segments } from "../../parts/segments.tsx";
import { pastFindingsSource, useSource } from "../../polling/sources.ts";
import { address, change, place } from "../../router/place.ts";
import { HeatMapTable } from "./heat_map_table.tsx";
import { LeakingTable } from "./leaking_table.tsx";
import { detectionTimes, largestOfEach, resolutionTimes, type Times } from "./tally.ts";

function TimesOf({ title, times, to }: { title: string; times: Times | undefined; to: string }) {
  const { board } = words.value;
  if (!times) {
    return (
      <div class="times-of">
        <h3>{title}</h3>
        <p class="dim">{board.notYet}</p>
      </div>
    );
  }
  return (
    <div class="times-of">
      <h3>{title}</h3>
      <p>
        <span class="figure">{span(times.median)}</span> {board.median}
      </p>
      <p class="dim small">
        {board.mean} {span(times.mean)} · {board.most} {span(times.most)} ·{" "}
        <a href={to}>{board.timesOf(times.of)}</a>
      </p>
    </div>
  );
}

/** What all of it is of: how many findings, and whether there is anything to know of the time. */
function Basis({ findings, past }: { findings: readonly Finding[]; past: FindingsPast | null }) {
  const { board } = words.value;
  const reaches = past?.reaches_back_to_ms ?? null;
  return (
    <div class="dim small">
      <p title={whole(findings.length)}>
        {board.basis(largestOfEach(findings).length, findings.length)}{" "}
        {reaches === null ? board.noHistory : board.reaches(moment(reaches))}
      </p>
      {past !== null && reaches !== null && reaches > past.since_ms && past.since_ms > 0 && (
        <p class="gap-note">{board.tooShort}</p>
      )}
      {past !== null && past.left_out > 0 && <p class="gap-note">{board.leftOut(past.left_out)}</p>}
    </div>
  );
}

function Filled({ findings, since }: { findings: readonly Finding[]; since: FindingSpan }) {
  const { board } = words.value;
  return (
    <>
      <section>
        <h2>{board.map}</h2>
        <p class="dim small">{board.mapHint}</p>
        <HeatMapTable findings={findings} since={since} />
      </section>
      <section>
        <h2>{board.functions}</h2>
        <LeakingTable findings={findings} since={since} />
      </section>
      <section>
        <h2>{board.times}</h2>
        <div class="columns">
          <TimesOf
            title={board.detect}
            times={detectionTimes(findings)}
            to={address("/findings", { since, state: "all" })}
          />
          <TimesOf
            title={board.resolve}
            times={resolutionTimes(findings)}
            to={address("/findings", { since, state: "resolved" })}
          />
        </div>
      </section>
    </>
  );
}

function Known({ all, since }: { all: Findings; since: FindingSpan }) {
  const { board } = words.value;
  // Drills are no trouble of anybody's.
  const findings = all.findings.filter(({ is_test }) => !is_test);
  return (
    <>
      <Basis findings={findings} past={all.past} />
      {findings.length === 0 ? (
        <Empty title={board.empty} hint={board.emptyHint} />
      ) : (
        <Filled findings={findings} since={since} />
      )}
    </>
  );
}

export default function Board() {
  const { board } = words.value;
  const since = spanOf(place.value.query) ?? "24h";
  const { data, error } = useSource(pastFindingsSource(since));
  return (
    <>
      <div class="view-head">
        <h1>{board.title}</h1>
        <Segments
          name={board.range}
          value={since}
          options={FINDING_SPANS.map((word) => [word, board.ranges[word]])}
          onChoose={(word) => change({ since: word })}
        />
      </div>
      {error && <Refused error={error} />}
      {!data && !error && <Loading />}
      {data && !error && <Known all={data} since={since} />}
    </>
  );
}
