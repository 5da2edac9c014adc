// How it stands with the frames: live, paused, broken, or over. What is seen stays either way.
import { clock, span, whole } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import type { Feed } from "../../live/feed.ts";

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
      case "ended":
        return live.ended(printable(connection.why), at);
    }
  };
  return (
    <span class={`connection ${connection.kind}`}>
      <span class="dot" aria-hidden="true" />
      {said()}
      {/* Only changes are read out, not each tick. */}
      <span class="unseen" role="status">
        {live.states[connection.kind]}
      </span>
      {connection.kind === "reconnecting" && (
        <button type="button" class="quiet" onClick={() => feed.say({ kind: "retry" })}>
          {words.value.says.retry}
        </button>
      )}
    </span>
  );
}
