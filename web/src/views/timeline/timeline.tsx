// What a process or service did over any time that the history knows.
import "./timeline.css";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { HistoryAnswer, Marks, PastProcesses } from "../../api/history.ts";
import { StackedChart } from "../../charts/stacked_chart.tsx";
import { totalsMoved } from "../../charts/stacking.ts";
import { moment, span } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { Empty, Loading, Refused } from "../../parts/notices.tsx";
import { agentNow } from "../../polling/clock.ts";
import {
  historySource,
  marksSource,
  processesSource,
  targetsSource,
  useSource,
} from "../../polling/sources.ts";
import { change, place } from "../../router/place.ts";
import { Controls } from "./controls.tsx";
import { Happened } from "./happened.tsx";
import { askedTimes, isUnknown, knownTimes } from "./known.ts";
import { marksOf } from "./marks.ts";
import {
  type Asked,
  asked,
  durationMs,
  momentMs,
  momentWord,
  offsetMs,
  question,
  questionThen,
} from "./question.ts";
import { DifferenceTable, SeriesTable } from "./series_table.tsx";
import { NothingThen, Zoom } from "./zoom.tsx";

/** Slots are some hundred: more often, nothing would have moved. */
const SLOTS = 300;

/** The last answer there was, until that to the next question is there: zooming does not flicker. */
function useHeld<T>(latest: T | undefined, forget: string): T | undefined {
  const held = useRef<{ forget: string; value: T | undefined }>({ forget, value: undefined });
  if (held.current.forget !== forget) held.current = { forget, value: undefined };
  if (latest !== undefined) held.current.value = latest;
  return held.current.value;
}

const NOTHING_YET: Marks = { marks: [], left_out: 0 };

/** What the history has marked in the time that is shown. */
function useHappened(shown: Asked | undefined, target: string, everyMs: number): Marks {
  const until = shown?.until === undefined ? {} : { until: shown.until };
  const question = shown && { target, since: shown.since, ...until };
  const latest = useSource(question && marksSource(question, everyMs)).data;
  return useHeld(latest, target) ?? NOTHING_YET;
}

/** Whether some looks could not tell apart what was asked for. */
function lacksStacks(answer: HistoryAnswer): boolean {
  return answer.by === "stack" && answer.slots.some(({ counts_only }) => counts_only > 0);
}

function Basis({ answer }: { answer: HistoryAnswer }) {
  const { timeline } = words.value;
  const levels: Readonly<Record<string, string>> = timeline.levels;
  return (
    <p class="dim small basis">
      <span>
        {moment(answer.since_ms)} – {moment(answer.until_ms)}.
      </span>{" "}
      {timeline.basis(levels[answer.level] ?? printable(answer.level), span(answer.step_ms))}{" "}
      {answer.by !== "total" && timeline.withRuntime}{" "}
      {lacksStacks(answer) && <span class="gap-note">{timeline.noStacks}</span>}{" "}
      {answer.gaps.length > 0 && <span class="gap-note">{timeline.gaps(answer.gaps.length)}.</span>}{" "}
      {answer.series_total > answer.series.length && `${timeline.others(answer.series_total)}.`}
    </p>
  );
}

/** What is shown beside what is asked for: the time compared with. Nothing is asked of a time that nobody knows. */
function useThen(shown: Asked, answer: HistoryAnswer, past: PastProcesses | undefined) {
  const comparison = `${shown.target} ${shown.by} ${shown.compare} ${shown.since} ${shown.until}`;
  const refused = useRef<string>(undefined);
  const offset = offsetMs(shown, answer);
  const about = offset !== undefined ? questionThen(shown, answer, offset) : undefined;
  const isNothing =
    about !== undefined &&
    (refused.current === comparison ||
      isUnknown(past, shown.target, momentMs(about.since), momentMs(about.until)));
  const { data, error } = useSource(about && !isNothing ? historySource(about) : undefined);
  // The question moves with the time, and its answer would be the same no each time.
  if (error?.status === 404) refused.current = comparison;
  const held = useHeld(data, comparison);
  const then = isNothing || error ? undefined : held;
  // The pointer moves often: the chart is handed new columns only when there are any.
  const moved = useMemo(
    () => (then && offset !== undefined ? totalsMoved(then, answer, offset) : undefined),
    [answer, then, offset],
  );
  return { then, moved, isNothing: isNothing || error?.status === 404, error };
}

/** What is asked: the time that is shown, of whoever was there then. */
function useAsked(shown: Asked) {
  const everyMs = Math.min(Math.max(5_000, (durationMs(shown.since) ?? 0) / SLOTS), 60_000);
  const { data: past, error: noPast } = useSource(processesSource);
  const { fromMs, toMs } = askedTimes(shown, agentNow());
  const isNobodyThen = isUnknown(past, shown.target, fromMs, toMs);
  const isAsked = !isNobodyThen && (past !== undefined || noPast !== undefined);
  const reading = useSource(isAsked ? historySource(question(shown), everyMs) : undefined);
  const answer = useHeld(reading.data, `${shown.target} ${shown.by}`);
  const happened = useHappened(isAsked && !reading.error ? shown : undefined, shown.target, everyMs);
  // An agent without a history refuses the list of processes as well, and says why.
  const isNothing = isNobodyThen || (past !== undefined && reading.error?.status === 404);
  return { past, answer, happened, isNothing, error: reading.error, isWaiting: !reading.data };
}

interface DrawnProps {
  readonly shown: Asked;
  readonly answer: HistoryAnswer;
  readonly isWaiting: boolean;
  readonly happened: Marks;
  readonly past: PastProcesses | undefined;
}

function Drawn({ shown, answer, isWaiting, happened, past }: DrawnProps) {
  const { timeline } = words.value;
  const [slot, setSlot] = useState<number>();
  const { then, moved, isNothing, error } = useThen(shown, answer, past);
  const marks = marksOf(answer, happened.marks);
  return (
    <div class={isWaiting ? "past waiting" : "past"}>
      <StackedChart
        answer={answer}
        then={moved}
        marks={marks}
        height={300}
        label={timeline.chartOf(timeline.bys[shown.by])}
        onHover={setSlot}
        onBrush={(from, to) => change({ since: momentWord(from), until: momentWord(to) })}
      />
      <Zoom shown={shown} />
      {isNothing && <p class="gap-note">{timeline.noThen}</p>}
      {error && !isNothing && <Refused error={error} />}
      <SeriesTable answer={answer} slot={slot} />
      <Basis answer={answer} />
      {then && (
        <section>
          <h2>
            {timeline.compare}: {timeline.compares[shown.compare]}
          </h2>
          <p class="dim small">- - - {timeline.thenTotal}</p>
          <DifferenceTable answer={answer} then={then} />
        </section>
      )}
      <Happened marks={marks} leftOut={happened.left_out} />
    </div>
  );
}

function Past({ shown }: { shown: Asked }) {
  const { timeline } = words.value;
  const { past, answer, happened, isNothing, error, isWaiting } = useAsked(shown);
  const known = knownTimes(past, shown.target);
  if (isNothing) return <NothingThen shown={shown} known={known} />;
  if (error) return <Refused error={error} />;
  if (!answer) return <Loading />;
  if (answer.series.length > 0) {
    return <Drawn shown={shown} answer={answer} isWaiting={isWaiting} happened={happened} past={past} />;
  }
  if (!lacksStacks(answer)) return <NothingThen shown={shown} known={known} />;
  return <NothingThen shown={shown} known={undefined} title={timeline.noStacks} />;
}

export default function Timeline() {
  const { timeline } = words.value;
  const shown = asked(place.value.query);
  const targets = useSource(shown.target ? undefined : targetsSource).data;
  // Without a choice, what has most goroutines is what one wants to see first.
  const largest = targets?.toSorted((a, b) => (b.goroutines ?? 0) - (a.goroutines ?? 0))[0]?.id;
  useEffect(() => {
    if (!shown.target && largest) change({ target: largest }, "replace");
  }, [shown.target, largest]);
  return (
    <>
      <div class="view-head">
        <h1>{timeline.title}</h1>
      </div>
      <Controls asked={shown} />
      {shown.target ? <Past shown={shown} /> : <Empty title={timeline.choose} />}
    </>
  );
}
