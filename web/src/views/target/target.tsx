// One process: what it is, how it goes, what is wrong with it, and where to look further.
import "./target.css";
import type { Target } from "../../api/targets.ts";
import { StackedChart } from "../../charts/stacked_chart.tsx";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { Empty, Loading, Refused } from "../../parts/notices.tsx";
import { findingsSource, historySource, targetSource, useSource } from "../../polling/sources.ts";
import { address } from "../../router/place.ts";
import type { ViewProps } from "../../router/routes.tsx";
import { FindingList } from "../findings/finding_list.tsx";
import { TargetTabs } from "../live/target_head.tsx";
import { concerns } from "../overview/rows.ts";
import { Legend } from "../timeline/legend.tsx";
import { Facts } from "./facts.tsx";

function Past({ id }: { id: string }) {
  const { target } = words.value;
  const { data, error } = useSource(historySource({ target: id, by: "state", since: "1h", top: 10 }));
  if (!data) return error ? <Refused error={error} /> : <Loading />;
  return (
    <>
      <StackedChart answer={data} height={200} label={target.chart} />
      <Legend series={data.series} />
    </>
  );
}

function FindingsOf({ of }: { of: Target }) {
  const { data } = useSource(findingsSource);
  if (!data) return <Loading />;
  const found = data.findings.filter((finding) => concerns(finding, of));
  if (found.length === 0) return <p class="dim">{words.value.target.noFindings}</p>;
  return <FindingList findings={found} chosen={undefined} />;
}

function Further({ of }: { of: Target }) {
  const { target } = words.value;
  const profiles = `/targets/${encodeURIComponent(of.id)}/debug/pprof`;
  return (
    <ul class="further">
      <li>
        <a href={address("/timeline", { target: of.id, by: "stack" })}>{target.timeline}</a>
      </li>
      <li>
        <a href={`${profiles}/goroutine`} download={`goroutine-${of.pid}.pb.gz`}>
          {target.profile}
        </a>
      </li>
      <li>
        <a href={`${profiles}/goroutine?debug=2`} target="_blank" rel="noreferrer">
          {target.dump}
        </a>
      </li>
      <li>
        <a href={`${profiles}/goroutineleak?debug=2`} target="_blank" rel="noreferrer">
          {target.leakProfile}
        </a>
      </li>
    </ul>
  );
}

/** Where labels come from is said where there are none. */
function Labels({ of }: { of: Target }) {
  const { target } = words.value;
  if (of.labels.size === 0) return <p class="dim">{target.noLabels}</p>;
  return (
    <dl class="facts">
      {[...of.labels].map(([key, value]) => (
        <div key={key}>
          <dt>
            <code>{printable(key)}</code>
          </dt>
          <dd>{printable(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Gone({ id }: { id: string }) {
  const { target } = words.value;
  return (
    <Empty title={target.gone} hint={target.goneHint}>
      <a href={address("/timeline", { target: id })}>{target.timeline}</a>
    </Empty>
  );
}

export default function TargetView({ parameters }: ViewProps) {
  const id = parameters.id ?? "";
  const { target, nav } = words.value;
  const { data, error } = useSource(targetSource(id));
  if (!data || error?.status === 404) {
    return (
      <>
        <div class="view-head">
          <h1>{nav.target}</h1>
        </div>
        {!error && <Loading />}
        {error && (error.status === 404 ? <Gone id={id} /> : <Refused error={error} />)}
      </>
    );
  }
  return (
    <article class="target">
      <div class="view-head">
        <h1>{printable(data.name)}</h1>
        <span class="dim">{data.pid}</span>
      </div>
      <TargetTabs id={id} here="target" />
      <section class="target-chart">
        <h2>{target.chart}</h2>
        <Past id={id} />
      </section>
      <section>
        <h2>{target.findings}</h2>
        <FindingsOf of={data} />
      </section>
      <div class="columns">
        <section>
          <h2>{target.facts}</h2>
          <Facts of={data} />
        </section>
        <div>
          <section>
            <h2>{target.labels}</h2>
            <Labels of={data} />
          </section>
          <section>
            <h2>{target.further}</h2>
            <Further of={data} />
          </section>
        </div>
      </div>
    </article>
  );
}
