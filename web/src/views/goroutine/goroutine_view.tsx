// One goroutine: what is known of it, its stack, and what it waits for.
import "./goroutine.css";
import { api } from "../../api/client.ts";
import type { Gap, Goroutine } from "../../api/goroutine.ts";
import { clock } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { CodePlace, FunctionName } from "../../parts/names.tsx";
import { Empty, Loading, Refused } from "../../parts/notices.tsx";
import type { Source } from "../../polling/poller.ts";
import { poller, useSource } from "../../polling/sources.ts";
import type { ViewProps } from "../../router/routes.tsx";
import { TargetHead } from "../live/target_head.tsx";
import { Facts } from "./goroutine_facts.tsx";
import { Waits } from "./waits.tsx";

/** Looks cost the process something: it is looked at once, and again when the user wants it. */
function goroutineSource(id: string, goid: string): Source<Goroutine> {
  return {
    key: `goroutine ${id} ${goid}`,
    everyMs: Number.POSITIVE_INFINITY,
    load: (signal) => api.goroutine(id, goid, signal),
  };
}

function Stack({ of }: { of: Goroutine }) {
  const { one } = words.value.live;
  if (of.stack.length === 0)
    return <p class="dim">{one.noStack(printable(of.stack_state.replaceAll("_", " ")))}</p>;
  return (
    <>
      <ol class="stack">
        {of.stack.map((frame, index) => (
          <li key={index} class={frame.role === "ordinary" ? "" : "dim"}>
            <FunctionName name={frame.function} /> <CodePlace file={frame.file} line={frame.line} />
          </li>
        ))}
      </ol>
      {!of.stack_complete && <p class="trouble">{one.incomplete}</p>}
    </>
  );
}

/** What is missing is no "none". */
function Gaps({ of }: { of: Goroutine }) {
  const { one } = words.value.live;
  const said = ({ subject, cause }: Gap) =>
    one.gap(
      one.gapSubjects[subject] ?? printable(subject.replaceAll("_", " ")),
      one.gapCauses[cause] ?? printable(cause.replaceAll("_", " ")),
    );
  return (
    <>
      {of.gaps.map((gap) => (
        <p key={`${gap.subject} ${gap.cause}`} class="gap-note">
          {said(gap)}
        </p>
      ))}
    </>
  );
}

export default function GoroutineView({ parameters }: ViewProps) {
  const [id, goid] = [parameters.id ?? "", parameters.goid ?? ""];
  const { live } = words.value;
  const { data, error, loadedAtMs } = useSource(goroutineSource(id, goid));
  return (
    <article>
      <TargetHead id={id} here="goroutines">
        {loadedAtMs !== undefined && <span class="dim small">{live.one.lookedAt(clock(loadedAtMs))}</span>}
        <button
          type="button"
          onClick={() => {
            poller.refresh(`goroutine ${id} ${goid}`);
            poller.refresh(`why ${id} ${goid}`);
          }}
        >
          {live.one.refresh}
        </button>
      </TargetHead>
      <h2 class="goroutine-title">
        {live.goroutine} {printable(goid)}
      </h2>
      {!data && !error && <Loading />}
      {error?.status === 404 && <Empty title={live.one.gone} hint={live.one.goneHint} />}
      {error && error.status !== 404 && <Refused error={error} />}
      {data && error?.status !== 404 && (
        <>
          <section>
            <h2>{live.one.chain}</h2>
            <Waits target={id} goid={goid} />
          </section>
          <div class="columns">
            <section>
              <h2>{live.one.stack}</h2>
              <Stack of={data} />
            </section>
            <section>
              <h2>{live.one.facts}</h2>
              <Facts of={data} target={id} />
              <Gaps of={data} />
            </section>
          </div>
        </>
      )}
    </article>
  );
}
