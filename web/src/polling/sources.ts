// The questions of the page, and how often they are asked.
import { useEffect } from "preact/hooks";
import { api } from "../api/client.ts";
import { type FindingSpan, type Findings, findingsPath } from "../api/findings.ts";
import {
  type HistoryAnswer,
  type HistoryQuestion,
  historyPath,
  type Marks,
  type MarksQuestion,
  marksPath,
} from "../api/history.ts";
import type { Health, Target } from "../api/targets.ts";
import { Poller, type Reading, type Source } from "./poller.ts";

/** The poller of this page. */
export const poller = new Poller();

const STATE_EVERY_MS = 3_000;
const PAST_EVERY_MS = 15_000;

const HEALTH_EVERY_MS = 5_000;

/** How the agent is. */
export const healthSource: Source<Health> = { key: "health", everyMs: HEALTH_EVERY_MS, load: api.health };
export const targetsSource: Source<readonly Target[]> = {
  key: "targets",
  everyMs: STATE_EVERY_MS,
  load: api.targets,
};
export const findingsSource: Source<Findings> = {
  key: "findings",
  everyMs: STATE_EVERY_MS,
  load: (signal) => api.findings(undefined, signal),
};
/** Findings of a span, those that are over included: the agent reads its history for them. */
export function pastFindingsSource(since: FindingSpan): Source<Findings> {
  return {
    key: findingsPath(since),
    everyMs: PAST_EVERY_MS,
    load: (signal) => api.findings(since, signal),
  };
}
export const processesSource = { key: "processes", everyMs: 15_000, load: api.processes };

export function targetSource(id: string): Source<Target> {
  return { key: `target ${id}`, everyMs: STATE_EVERY_MS, load: (signal) => api.target(id, signal) };
}

/** History up to now is asked again; what is over does not change. */
export function historySource(question: HistoryQuestion, everyMs = 10_000): Source<HistoryAnswer> {
  return {
    key: historyPath(question),
    everyMs: question.until === undefined ? everyMs : Number.POSITIVE_INFINITY,
    load: (signal) => api.history(question, signal),
  };
}

/** What happened, as long as the history that is shown beside it. */
export function marksSource(question: MarksQuestion, everyMs: number): Source<Marks> {
  return {
    key: marksPath(question),
    everyMs: question.until === undefined ? everyMs : Number.POSITIVE_INFINITY,
    load: (signal) => api.marks(question, signal),
  };
}

const NOTHING: Reading<never> = { data: undefined, error: undefined, loadedAtMs: undefined };

/** The last answer to a question, asked for as long as the component is there. Nothing is asked without a source. */
export function useSource<T>(source: Source<T> | undefined): Reading<T> {
  const key = source?.key;
  // Sources of one key are the same question.
  useEffect(() => (source ? poller.subscribe(source) : undefined), [key]);
  return source ? poller.reading(source).value : NOTHING;
}
