// How it stands with the frames: live, paused, refused, broken, or over. What is seen stays either way.
import { clock, span, whole } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import type { Feed } from "../../live/feed.ts";
import type { Tick } from "../../live/messages.ts";
import { Refusal } from "../../parts/notices.tsx";
import { now } from "../../polling/clock.ts";

/** Pictures come every second, unless looks cost too much for that. */
const LATE_MS = 5_000;

/** How old a picture is that is older than most, and why. */
function Late({ tick }: { tick: Tick }) {
  const { live, says } = words.value;
  const agoMs = now.value - tick.atUnixMs;
  if (agoMs < LATE_MS) return null;
  return (
    <span class="dim" title={live.lateHint(span(tick.lookMs))}>
      {" "}
      · {says.ago(span(agoMs))}
    </span>
  );
}

export function ConnectionNote({ feed }: { feed: Feed }) {
  const { live } = words.value;
  const connection = feed.connection.value;
  const tick = feed.tick.value;
  const at = tick ? clock(tick.atUnixMs) : "";
  const said = () => {
    switch (connection.kind) {
      case "live":
        return tick ? live.liveAt(whole(tick.total), at) : live.connecting;
      case "connecting":
        return live.connecting;
      case "paused":
        return live.pausedAt(at);
      case "reconnecting":
        return live.reconnecting(span(connection.inMs), printable(connection.why));
      case "refused":
        return live.refused(span(connection.inMs));
      case "login":
        return live.states.login;
      case "ended":
        return live.ended(printable(connection.why), at);
    }
  };
  return (
    <span class={`connection ${connection.kind}`}>
      <span class="dot" aria-hidden="true" />
      {said()}
      {connection.kind === "live" && tick && <Late tick={tick} />}
      {connection.kind === "live" && tick && tick.ofRuntime > 0 && (
        <span class="dim" title={live.ofRuntimeHint}>
          {" "}
          ({live.ofRuntime(whole(tick.total - tick.ofRuntime), whole(tick.ofRuntime))})
        </span>
      )}
      {/* Only changes are read out, not each tick. */}
      <span class="unseen" role="status">
        {live.states[connection.kind]}
      </span>
      {(connection.kind === "reconnecting" || connection.kind === "refused") && (
        <button type="button" class="quiet" onClick={() => feed.say({ kind: "retry" })}>
          {words.value.says.retry}
        </button>
      )}
    </span>
  );
}

/** Why the agent lets nobody in: its own words, and what to do. */
export function RefusedNote({ feed }: { feed: Feed }) {
  const connection = feed.connection.value;
  if (connection.kind !== "refused") return null;
  return <Refusal why={connection.why} hint={connection.hint} />;
}
