// One line on the agent itself: its version, and whether it does its work.
import { words } from "../i18n/language.ts";
import { healthSource, poller, useSource } from "../polling/sources.ts";

export function AgentHealth() {
  const { overview, away } = words.value;
  const { data } = useSource(healthSource);
  const isAway = poller.connection.value.kind === "away";
  const isGood = !isAway && data?.ready === true && data.problems.length === 0;
  const said = isAway ? away.title : data?.ready ? overview.ready : overview.notReady;
  return (
    <p class={`agent-health ${isGood ? "good" : "bad"}`}>
      <span class="dot" aria-hidden="true" />
      {data ? overview.health(data.version) : "gostat"}
      {(data || isAway) && <span class="dim"> · {said}</span>}
    </p>
  );
}
