// The agent in one line: what it watches, what it cannot, and what to do about that.
import { whole } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { findingsSource, healthSource, targetsSource, useSource } from "../../polling/sources.ts";
import { address } from "../../router/place.ts";

function Limits() {
  const { overview } = words.value;
  const health = useSource(healthSource).data;
  if (!health) return null;
  const lines = [
    ...health.problems.map((problem) => ({ said: printable(problem), hint: "" })),
    ...(health.refused > 0 ? [{ said: overview.refused(health.refused), hint: overview.refusedHint }] : []),
    ...(health.left > 0 ? [{ said: overview.left(health.left), hint: overview.leftHint }] : []),
  ];
  if (lines.length === 0) return null;
  return (
    <ul class="limits">
      {lines.map(({ said, hint }) => (
        <li key={said}>
          {said} <span class="dim">{hint}</span>
        </li>
      ))}
    </ul>
  );
}

export function AgentSummary() {
  const { overview } = words.value;
  const targets = useSource(targetsSource).data;
  const firing = useSource(findingsSource).data?.findings.filter(({ state }) => state === "firing").length;
  if (!targets) return null;
  const goroutines = targets.reduce((sum, { goroutines }) => sum + (goroutines ?? 0), 0);
  return (
    <>
      <p class="summary">
        {overview.targets(targets.length)}
        <span title={`${whole(goroutines)}. ${overview.ownOnly}`}>{overview.goroutines(goroutines)}</span>
        {firing !== undefined && (
          <a class={firing > 0 ? "has-firing" : undefined} href={address("/findings")}>
            {overview.firing(firing)}
          </a>
        )}
      </p>
      <Limits />
    </>
  );
}
