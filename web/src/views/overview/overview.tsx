// All processes that are watched, and how the agent is.
import "./overview.css";
import { words } from "../../i18n/language.ts";
import { ShowMore, useBounded } from "../../parts/bounded.tsx";
import { FilterField, filterText, NothingMatches } from "../../parts/filter_field.tsx";
import { Empty, Loading, Refused } from "../../parts/notices.tsx";
import { findingsSource, targetsSource, useSource } from "../../polling/sources.ts";
import { change, place } from "../../router/place.ts";
import { AgentSummary } from "./agent_summary.tsx";
import { Piling } from "./piling.tsx";
import { type Row, rows, SORTS, type Sort } from "./rows.ts";
import { TargetRow } from "./target_row.tsx";

/** Names are wanted from A on, numbers from the largest on. */
const fallsFirst = (sort: Sort) => sort !== "name" && sort !== "release";

function order(): { sort: Sort; descending: boolean } {
  const { query } = place.value;
  const sort = SORTS.find((known) => known === query.get("sort")) ?? "goroutines";
  const said = query.get("order");
  return { sort, descending: said ? said === "desc" : fallsFirst(sort) };
}

function Column({ sort, number }: { sort: Sort; number?: boolean }) {
  const { overview } = words.value;
  const { sort: current, descending } = order();
  const isCurrent = sort === current;
  const next = isCurrent ? !descending : fallsFirst(sort);
  return (
    <th
      scope="col"
      class={number ? "number" : undefined}
      aria-sort={isCurrent ? (descending ? "descending" : "ascending") : undefined}
    >
      <button
        type="button"
        class="sort"
        title={overview.sortBy(overview.columns[sort])}
        onClick={() => change({ sort, order: next ? "desc" : "asc" }, "replace")}
      >
        {overview.columns[sort]}
        <span aria-hidden="true">{isCurrent ? (descending ? " ↓" : " ↑") : ""}</span>
      </button>
    </th>
  );
}

function Table({ shown }: { shown: readonly Row[] }) {
  const { columns } = words.value.overview;
  return (
    <table class="targets">
      <thead>
        <tr>
          <Column sort="name" />
          <Column sort="release" />
          <Column sort="goroutines" number />
          <th scope="col">{columns.trend}</th>
          <th scope="col">{columns.states}</th>
          <Column sort="findings" />
          <th scope="col">{columns.looks}</th>
          <Column sort="age" number />
        </tr>
      </thead>
      <tbody>
        {shown.map((row) => (
          <TargetRow key={row.target.id} row={row} />
        ))}
      </tbody>
    </table>
  );
}

function Processes() {
  const { overview } = words.value;
  const targets = useSource(targetsSource);
  const findings = useSource(findingsSource);
  const filter = filterText();
  const all = targets.data ? rows(targets.data, findings.data?.findings ?? [], { filter, ...order() }) : [];
  const bounded = useBounded(all);
  if (targets.error) return <Refused error={targets.error} />;
  if (!targets.data) return <Loading />;
  if (targets.data.length === 0) return <Empty title={overview.empty} hint={overview.emptyHint} />;
  if (all.length === 0) return <NothingMatches />;
  return (
    <>
      <Table shown={bounded.shown} />
      <ShowMore of={bounded} />
      <p class="dim small own-only">{overview.ownOnly}</p>
      {findings.data && <Piling rows={all} />}
    </>
  );
}

export default function Overview() {
  const { overview } = words.value;
  return (
    <>
      <div class="view-head">
        <h1>{overview.title}</h1>
        <FilterField hint={overview.filter} />
      </div>
      <AgentSummary />
      <Processes />
    </>
  );
}
