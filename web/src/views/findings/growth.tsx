// How a finding's goroutines grew: those stacks of the history that have one of its places.
import type { Finding } from "../../api/findings.ts";
import type { HistoryAnswer, Series } from "../../api/history.ts";
import { StackedChart } from "../../charts/stacked_chart.tsx";
import { words } from "../../i18n/language.ts";
import { Loading } from "../../parts/notices.tsx";
import { historySource, targetsSource, useSource } from "../../polling/sources.ts";
import { address } from "../../router/place.ts";
import { concerns } from "../overview/rows.ts";
import { momentWord } from "../timeline/question.ts";

/** As many stacks are looked through. */
export const TOP = 40;
const EVERY_MS = 20_000;
const BEFORE_MS = 10 * 60_000;

/** A place in code, as far as it tells stacks apart. */
export type Spot = { readonly function: string; readonly line: number | null };

function stands(series: Series, spot: Spot): boolean {
  const frames = series.stack?.frames ?? [];
  return frames.some((frame) => frame.function === spot.function && frame.line === spot.line);
}

/** The answer with only those series that stand at one of these places; all of it, if the finding is of no place. */
export function seriesOf(answer: HistoryAnswer, causes: readonly Spot[]): HistoryAnswer {
  if (causes.length === 0) return answer;
  return {
    ...answer,
    series: answer.series.filter((series) => causes.some((cause) => stands(series, cause))),
  };
}

export function Growth({ finding }: { finding: Finding }) {
  const { findings, target: said } = words.value;
  // Of one process that is watched its own figures, of several those of their service, added up.
  const watched = useSource(targetsSource).data?.find((known) => concerns(finding, known));
  const target = finding.targets_total === 1 && watched ? watched.id : finding.service;
  const since = momentWord(finding.first_seen_unix_ms - BEFORE_MS);
  const ended = finding.resolved_at_unix_ms;
  const until = ended === null ? {} : { until: momentWord(ended + BEFORE_MS) };
  const by = finding.causes.length > 0 ? "stack" : "total";
  const question = { target, by, top: TOP, since, ...until };
  const { data, error } = useSource(historySource(question, EVERY_MS));
  if (!data) return error ? <p class="dim">{error.message}</p> : <Loading />;
  const mine = seriesOf(data, finding.causes);
  return (
    <>
      {mine.series.length === 0 ? (
        <p class="dim">{findings.growthNone(TOP)}</p>
      ) : (
        <StackedChart answer={mine} height={160} label={findings.growth} />
      )}
      <p class="small">
        <a href={address("/timeline", { target, by, since, ...until })}>{said.timeline}</a>
      </p>
    </>
  );
}
