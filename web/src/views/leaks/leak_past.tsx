// How a group of leaked goroutines grew, and since when it is there: of the finding on it, or else of the history.
import { useRef } from "preact/hooks";
import type { Finding } from "../../api/findings.ts";
import type { HistoryAnswer } from "../../api/history.ts";
import type { Leak } from "../../api/leaks.ts";
import type { Target } from "../../api/targets.ts";
import { StackedChart } from "../../charts/stacked_chart.tsx";
import { slotValue } from "../../charts/stacking.ts";
import { words } from "../../i18n/language.ts";
import { isStandard } from "../../live/stacks/own_function.ts";
import { Moment } from "../../parts/ages.tsx";
import { Loading } from "../../parts/notices.tsx";
import { useSeen } from "../../parts/seen.ts";
import { findingsSource, historySource, targetSource, useSource } from "../../polling/sources.ts";
import { address } from "../../router/place.ts";
import { type Spot, seriesOf, TOP } from "../findings/growth.tsx";
import { concerns } from "../overview/rows.ts";
import { momentWord } from "../timeline/question.ts";

const EVERY_MS = 20_000;
const BEFORE_MS = 10 * 60_000;
/** All groups of a search ask the same question, also of one that was made a little later. */
const STEADY_MS = 60_000;

/** Where the goroutines of a group stand: the innermost place of the program. */
export function spotOf({ stack }: Leak): Spot | undefined {
  return stack.find(({ function: name }) => !isStandard(name)) ?? stack[0];
}

/** The finding that a group is of: it stands at the same place of the same process. Of several, on a leak, the earliest. */
export function findingOf(
  leak: Leak,
  target: Target | undefined,
  findings: readonly Finding[],
): Finding | undefined {
  if (!target) return undefined;
  const here = findings.filter(
    (finding) =>
      finding.state !== "resolved" &&
      concerns(finding, target) &&
      finding.causes.some((cause) =>
        leak.stack.some((place) => place.function === cause.function && place.line === cause.line),
      ),
  );
  const isNoLeak = ({ family }: Finding) => Number(family !== "leak");
  return here.toSorted((a, b) => isNoLeak(a) - isNoLeak(b) || a.first_seen_unix_ms - b.first_seen_unix_ms)[0];
}

/** When a history first has any of its series; `undefined` if never, or since before it begins. */
export function beganIn({ slots, series }: HistoryAnswer): number | undefined {
  const has = (slot: number) => series.some(({ values }) => (slotValue(values[slot]) ?? 0) > 0);
  const first = slots.findIndex((_, slot) => has(slot));
  // Somebody has to have looked before, and seen none.
  const isSeenToBegin = slots.slice(0, Math.max(first, 0)).some(({ looks }) => looks > 0);
  return isSeenToBegin ? slots[first]?.start_ms : undefined;
}

/** The finding on a group, if the agent has one. */
export function useFindingOf(leak: Leak, target: string): Finding | undefined {
  const findings = useSource(findingsSource).data?.findings ?? [];
  return findingOf(leak, useSource(targetSource(target)).data, findings);
}

interface LeakPastProps {
  readonly leak: Leak;
  readonly target: string;
  readonly finding: Finding | undefined;
  /** When the oldest wait of all groups began, Unix milliseconds. */
  readonly oldestMs: number;
}

export function LeakPast({ leak, target, finding, oldestMs }: LeakPastProps) {
  const { findings, target: said } = words.value;
  const element = useRef<HTMLDivElement>(null);
  const seen = useSeen(element);
  const spot = spotOf(leak);
  const beganMs = Math.min(oldestMs, finding?.first_seen_unix_ms ?? oldestMs) - BEFORE_MS;
  const since = momentWord(Math.max(0, Math.floor(beganMs / STEADY_MS) * STEADY_MS));
  const question = { target, by: "stack", top: TOP, since };
  const { data, error } = useSource(seen && spot ? historySource(question, EVERY_MS) : undefined);
  const mine = data && spot && seriesOf(data, [spot]);
  const firstSeen = finding?.first_seen_unix_ms ?? (mine && beganIn(mine));
  return (
    <div ref={element} class="leak-past">
      <h3>{findings.growth}</h3>
      {mine && mine.series.length > 0 && <StackedChart answer={mine} height={140} label={findings.growth} />}
      {(!spot || mine?.series.length === 0) && <p class="dim">{findings.growthNone(TOP)}</p>}
      {spot && seen && !data && (error ? <p class="dim">{error.message}</p> : <Loading />)}
      <p class="small">
        {firstSeen !== undefined && (
          <>
            {findings.firstSeen} <Moment at={firstSeen} /> ·{" "}
          </>
        )}
        {finding && (
          <>
            <a href={address(`/findings/${encodeURIComponent(finding.id)}`)}>{words.value.nav.findings}</a> ·{" "}
          </>
        )}
        <a href={address("/timeline", { target, by: "stack", since })}>{said.timeline}</a>
      </p>
    </div>
  );
}
