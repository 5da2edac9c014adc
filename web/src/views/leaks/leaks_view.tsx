// The search for leaks: started by a button, as it reads the process' heap; its answer is read like a proof.
import "./leaks.css";
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { api } from "../../api/client.ts";
import type { LeakReport } from "../../api/leaks.ts";
import { ApiError } from "../../api/refusal.ts";
import { span, whole } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import { kindWord } from "../../parts/marks.tsx";
import { Empty } from "../../parts/notices.tsx";
import { Said } from "../../parts/said.tsx";
import { agentNow } from "../../polling/clock.ts";
import type { ViewProps } from "../../router/routes.tsx";
import { TargetHead } from "../live/target_head.tsx";
import { LeakGroup } from "./leak_group.tsx";

/** The last search of each target: going to another view and back loses nothing. */
interface Search {
  readonly target: string;
  readonly beganMs: number;
  readonly endedMs: number | undefined;
  readonly report: LeakReport | undefined;
  readonly error: ApiError | undefined;
  readonly stop: AbortController;
}

const search = signal<Search | undefined>(undefined);

async function begin(target: string): Promise<void> {
  search.value?.stop.abort();
  const stop = new AbortController();
  const begun = {
    target,
    beganMs: Date.now(),
    endedMs: undefined,
    report: undefined,
    error: undefined,
    stop,
  };
  search.value = begun;
  const end = (report: LeakReport | undefined, error: ApiError | undefined) => {
    if (search.value === begun) search.value = { ...begun, endedMs: Date.now(), report, error };
  };
  try {
    end(await api.leaks(target, stop.signal), undefined);
  } catch (error) {
    if (stop.signal.aborted) {
      if (search.value === begun) search.value = undefined;
      return;
    }
    end(undefined, error instanceof ApiError ? error : new ApiError("strange", String(error)));
  }
}

function Running({ of }: { of: Search }) {
  const { live } = words.value;
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="actions" aria-busy="true">
      <span class="searching" aria-hidden="true" />
      {live.leaks.running(span(Math.floor((now - of.beganMs) / 1_000) * 1_000))}
      <button type="button" onClick={() => of.stop.abort()}>
        {live.leaks.stop}
      </button>
    </p>
  );
}

interface ReportProps {
  readonly report: LeakReport;
  readonly target: string;
  readonly tookMs: number;
  /** By the agent's clock. */
  readonly foundAtMs: number;
}

function Report({ report, target, tookMs, foundAtMs }: ReportProps) {
  const { live } = words.value;
  const longestMs = report.leaks.reduce((most, leak) => Math.max(most, leak.longest_wait_ms ?? 0), 0);
  return (
    <>
      <p class="dim">{live.leaks.took(span(tookMs), whole(report.candidates))}</p>
      {report.kept_by_words.length > 0 && (
        <p class="dim">{live.leaks.kept(whole(report.kept_by_words.length))}</p>
      )}
      {report.doubts.length > 0 && (
        <div class="refused">
          <p>{live.leaks.doubts}</p>
          <ul>
            {report.doubts.map((doubt) => (
              <li key={doubt}>
                <Said>{doubt}</Said>
              </li>
            ))}
          </ul>
        </div>
      )}
      {report.leaks.length === 0 && <Empty title={live.leaks.nothing} hint={live.leaks.nothingHint} />}
      {report.leaks.map((leak) => (
        <LeakGroup
          key={`${leak.fingerprint} ${leak.goroutines[0]}`}
          leak={leak}
          target={target}
          oldestMs={foundAtMs - longestMs}
        />
      ))}
      {report.pathologies.length > 0 && (
        <section>
          <h2>{live.leaks.pathologies}</h2>
          <ul>
            {report.pathologies.map(({ kind, evidence, fix }) => (
              <li key={kind}>
                <strong>{kindWord(kind)}</strong>: <Said>{evidence}</Said>{" "}
                {fix && (
                  <span class="dim">
                    <Said>{fix}</Said>
                  </span>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {report.healthy.length > 0 && (
        <section>
          <h2>{live.leaks.healthy}</h2>
          <ul class="healthy-groups">
            {report.healthy.map(({ count, meaning, reason }) => (
              <li key={`${meaning} ${reason} ${count}`}>
                <span class="number">{whole(count)}</span> <Said>{reason}</Said>{" "}
                {meaning && (
                  <span class="dim">
                    <Said>{meaning}</Said>
                  </span>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

export default function LeaksView({ parameters }: ViewProps) {
  const target = parameters.id ?? "";
  const { live } = words.value;
  const of = search.value?.target === target ? search.value : undefined;
  const isRunning = of !== undefined && of.endedMs === undefined;
  return (
    <article class="leaks">
      <TargetHead id={target} here="leaks" />
      <p class="leaks-intro">{live.leaks.intro}</p>
      {isRunning ? (
        <Running of={of} />
      ) : (
        <p class="actions">
          <button type="button" class="main-action" onClick={() => begin(target)}>
            {of ? live.leaks.again : live.leaks.search}
          </button>
        </p>
      )}
      {of?.error && (
        <div class="refused" role="alert">
          <p>
            <Said>{of.error.message}</Said>
          </p>
          {of.error.hint && (
            <p class="dim">
              <Said>{of.error.hint}</Said>
            </p>
          )}
        </div>
      )}
      {of?.report && of.endedMs !== undefined && (
        <Report
          report={of.report}
          target={target}
          tookMs={of.endedMs - of.beganMs}
          foundAtMs={of.endedMs + agentNow() - Date.now()}
        />
      )}
    </article>
  );
}
