// What a process or service did over any time that the history knows.
import "./timeline.css";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { HistoryAnswer, Marks } from "../../api/history.ts";
import { isQuiet, MARK_SHAPES, type Mark } from "../../charts/chart_paint.ts";
import { StackedChart } from "../../charts/stacked_chart.tsx";
import { totalsMoved } from "../../charts/stacking.ts";
import { moment, span } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { Moment } from "../../parts/ages.tsx";
import { Empty, Loading, Refused } from "../../parts/notices.tsx";
import { agentNow } from "../../polling/clock.ts";
import { historySource, marksSource, targetsSource, useSource } from "../../polling/sources.ts";
import { change, place } from "../../router/place.ts";
import { Controls } from "./controls.tsx";
import { marksOf } from "./marks.ts";
import {
  type Asked,
  asked,
  durationMs,
  momentWord,
  offsetMs,
  question,
  questionThen,
  widened,
} from "./question.ts";
import { DifferenceTable, SeriesTable } from "./series_table.tsx";

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
function useHappened({ target, since, until }: Asked, everyMs: number): Marks {
  const question = { target, since, ...(until === undefined ? {} : { until }) };
  const latest = useSource(marksSource(question, everyMs)).data;
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

/** Lines of the list: of more there are those that came last. */
const LISTED = 200;

function Happened({ marks, leftOut }: { marks: readonly Mark[]; leftOut: number }) {
  const { timeline } = words.value;
  if (marks.length === 0) return null;
  const listed = marks.slice(-LISTED);
  const earlier = marks.length - listed.length + leftOut;
  return (
    <section>
      <h2>{timeline.marks}</h2>
      {earlier > 0 && <p class="dim small">{timeline.earlierMarks(earlier)}</p>}
      <ol class="marks">
        {listed.map(({ at_ms, kind, text }) => (
          <li key={`${at_ms} ${kind} ${text}`} class={isQuiet(kind) ? "quiet" : undefined}>
            <Moment at={at_ms} />{" "}
            <span class="mark-kind">
              <svg class={`mark-shape ${kind}`} viewBox="0 0 10 10" aria-hidden="true">
                <path d={MARK_SHAPES[kind]} />
              </svg>
              {timeline.markKinds[kind]}
            </span>{" "}
            {text}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Zoom({ shown, answer }: { shown: Asked; answer: HistoryAnswer }) {
  const { timeline } = words.value;
  const isCustom = shown.until !== undefined || durationMs(shown.since) === undefined;
  if (!isCustom) return <p class="dim small">{timeline.brush}</p>;
  return (
    <p class="zoom">
      <button type="button" onClick={() => change(widened(answer.since_ms, answer.until_ms, agentNow()))}>
        {timeline.zoomOut}
      </button>
      <button type="button" onClick={() => change({ since: "1h", until: undefined })}>
        {timeline.backToNow}
      </button>
    </p>
  );
}

function Past({ shown }: { shown: Asked }) {
  const { timeline } = words.value;
  const [slot, setSlot] = useState<number>();
  const everyMs = Math.min(Math.max(5_000, (durationMs(shown.since) ?? 0) / SLOTS), 60_000);
  const reading = useSource(historySource(question(shown), everyMs));
  const answer = useHeld(reading.data, `${shown.target} ${shown.by}`);
  const happened = useHappened(shown, everyMs);
  const offset = answer && offsetMs(shown, answer);
  const compared = answer && offset !== undefined ? questionThen(shown, answer, offset) : undefined;
  const past = useSource(compared && historySource(compared));
  const then = useHeld(past.data, `${shown.target} ${shown.by} ${shown.compare}`);
  // The pointer moves often: the chart is handed new columns only when there are any.
  const moved = useMemo(
    () => (answer && then && offset !== undefined ? totalsMoved(then, answer, offset) : undefined),
    [answer, then, offset],
  );
  if (reading.error) return <Refused error={reading.error} />;
  if (!answer) return <Loading />;
  if (answer.series.length === 0) {
    return (
      <>
        {shown.until !== undefined && <Zoom shown={shown} answer={answer} />}
        <Empty
          title={lacksStacks(answer) ? timeline.noStacks : timeline.nothing}
          hint={timeline.nothingHint}
        />
      </>
    );
  }
  const marks = marksOf(answer, happened.marks);
  return (
    <div class={reading.data ? "past" : "past waiting"}>
      <StackedChart
        answer={answer}
        then={moved}
        marks={marks}
        height={300}
        label={timeline.chartOf(timeline.bys[shown.by])}
        onHover={setSlot}
        onBrush={(from, to) => change({ since: momentWord(from), until: momentWord(to) })}
      />
      <Zoom shown={shown} answer={answer} />
      <SeriesTable answer={answer} slot={slot} />
      <Basis answer={answer} />
      {compared && past.error && <p class="dim">{timeline.noThen}</p>}
      {then && offset !== undefined && (
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
