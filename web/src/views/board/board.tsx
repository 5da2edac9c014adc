// Where findings are, whose code it is, and how long they take to be found and mended.
import "./board.css";
import type { Finding } from "../../api/findings.ts";
import { span, whole } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import { Empty, Loading, Refused } from "../../parts/notices.tsx";
import { findingsSource, useSource } from "../../polling/sources.ts";
import { HeatMapTable } from "./heat_map_table.tsx";
import { LeakingTable } from "./leaking_table.tsx";
import { detectionTimes, resolutionTimes, type Times } from "./tally.ts";

function TimesOf({ title, times }: { title: string; times: Times | undefined }) {
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
        {board.mean} {span(times.mean)} · {board.most} {span(times.most)} · {board.of(times.of)}
      </p>
    </div>
  );
}

function Filled({ findings }: { findings: readonly Finding[] }) {
  const { board } = words.value;
  return (
    <>
      <section>
        <h2>{board.map}</h2>
        <p class="dim small">{board.mapHint}</p>
        <HeatMapTable findings={findings} />
      </section>
      <section>
        <h2>{board.functions}</h2>
        <LeakingTable findings={findings} />
      </section>
      <section>
        <h2>{board.times}</h2>
        <div class="columns">
          <TimesOf title={board.detect} times={detectionTimes(findings)} />
          <TimesOf title={board.resolve} times={resolutionTimes(findings)} />
        </div>
      </section>
    </>
  );
}

export default function Board() {
  const { board } = words.value;
  const { data, error } = useSource(findingsSource);
  if (error) return <Refused error={error} />;
  if (!data) return <Loading />;
  // Drills are no trouble of anybody's.
  const findings = data.findings.filter(({ is_test }) => !is_test);
  return (
    <>
      <div class="view-head">
        <h1>{board.title}</h1>
      </div>
      <p class="dim small" title={whole(findings.length)}>
        {board.basis(findings.length)}
      </p>
      {findings.length === 0 ? (
        <Empty title={board.empty} hint={board.emptyHint} />
      ) : (
        <Filled findings={findings} />
      )}
    </>
  );
}
