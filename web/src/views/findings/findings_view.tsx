// Everything that is wrong: a list, and the finding that is chosen beside it.
import "./findings.css";
import { useMemo } from "preact/hooks";
import { FINDING_SPANS, type Findings, spanOf } from "../../api/findings.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { FilterField, NothingMatches } from "../../parts/filter_field.tsx";
import { Empty, Loading, Refused } from "../../parts/notices.tsx";
import { findingsSource, pastFindingsSource, useSource } from "../../polling/sources.ts";
import { address, change, changed, place } from "../../router/place.ts";
import type { ViewProps } from "../../router/routes.tsx";
import { FindingDetail } from "./finding_detail.tsx";
import {
  chosen,
  filterOf,
  isDefault,
  SEVERITIES,
  STATE_FILTERS,
  type StateFilter,
} from "./finding_filter.ts";
import { FindingList } from "./finding_list.tsx";
import { Receivers, Silences } from "./silences.tsx";

function stateWord(state: StateFilter): string {
  const { findings, state: states } = words.value;
  return state === "active" || state === "all" ? findings.states[state] : states[state];
}

function Filters() {
  const { board, findings, severity } = words.value;
  const filter = filterOf(place.value.query);
  return (
    <>
      <select
        aria-label={board.range}
        value={spanOf(place.value.query) ?? ""}
        onChange={(event) => change({ since: event.currentTarget.value, began: undefined })}
      >
        <option value="">{findings.remembered}</option>
        {FINDING_SPANS.map((since) => (
          <option key={since} value={since}>
            {board.ranges[since]}
          </option>
        ))}
      </select>
      <select
        aria-label={findings.state}
        value={filter.state}
        onChange={(event) => change({ state: event.currentTarget.value })}
      >
        {STATE_FILTERS.map((state) => (
          <option key={state} value={state}>
            {stateWord(state)}
          </option>
        ))}
      </select>
      <select
        aria-label={findings.anySeverity}
        value={filter.severity ?? ""}
        onChange={(event) => change({ severity: event.currentTarget.value })}
      >
        <option value="">{findings.anySeverity}</option>
        {SEVERITIES.map((known) => (
          <option key={known} value={known}>
            {severity[known]}
          </option>
        ))}
      </select>
      <FilterField hint={findings.filter} />
    </>
  );
}

/** What a link has narrowed the list to; each can be taken away. */
function Only() {
  const { only } = filterOf(place.value.query);
  if (only.length === 0) return null;
  return (
    <p class="filters">
      {only.map(({ part, value }) => (
        <button key={part} type="button" class="clip" onClick={() => change({ [part]: undefined })}>
          {part}: {printable(value)} ×
        </button>
      ))}
    </p>
  );
}

function Chosen({ all, id }: { all: Findings; id: string }) {
  const { findings } = words.value;
  const began = Number(place.value.query.get("began"));
  const times = all.findings.filter((known) => known.id === id);
  // It may have been there several times.
  const finding = times.find(({ began_unix_ms }) => began_unix_ms === began) ?? times[0];
  return (
    <div class="finding-chosen">
      <a class="back" href={address("/findings", Object.fromEntries(place.value.query))}>
        ← {findings.back}
      </a>
      {finding ? (
        <FindingDetail key={id} finding={finding} />
      ) : (
        <>
          <Empty title={findings.gone} />
          <a href={changed({ since: "all", state: "all" })}>{findings.lookBack}</a>
        </>
      )}
    </div>
  );
}

export default function FindingsView({ parameters }: ViewProps) {
  const { findings } = words.value;
  const since = spanOf(place.value.query);
  const { data, error } = useSource(since ? pastFindingsSource(since) : findingsSource);
  const id = parameters.id;
  const filter = filterOf(place.value.query);
  // Ten thousand are sorted when they have come, not each time one is chosen.
  const shown = useMemo(() => (data ? chosen(data.findings, filter) : []), [data, JSON.stringify(filter)]);
  if (!data || error) {
    return (
      <>
        <div class="view-head">
          <h1>{findings.title}</h1>
        </div>
        {error ? <Refused error={error} /> : <Loading />}
      </>
    );
  }
  return (
    <div class={id === undefined ? "findings" : "findings has-chosen"}>
      <div class="finding-column">
        <div class="view-head">
          <h1>{findings.title}</h1>
        </div>
        <div class="filters">
          <Filters />
        </div>
        <Only />
        {shown.length > 0 && <FindingList findings={shown} chosen={id} />}
        {shown.length === 0 &&
          (isDefault(filter) ? (
            <Empty title={findings.empty} hint={findings.emptyHint} />
          ) : (
            <NothingMatches />
          ))}
        <Silences silences={data.silences} />
        <Receivers sinks={data.sinks} />
      </div>
      {id !== undefined && <Chosen all={data} id={id} />}
    </div>
  );
}
