// Says that the agent is away, since when, and when it is asked again. All else stays where it was.
import { span } from "../format/figures.ts";
import { printable } from "../format/printable.ts";
import { words } from "../i18n/language.ts";
import { now } from "../polling/clock.ts";
import { poller } from "../polling/sources.ts";

function Away() {
  const { away, says } = words.value;
  const connection = poller.connection.value;
  if (connection.kind !== "away") return null;
  // Both times are of this machine's clock; `now` makes them be told anew every second.
  const nowMs = now.value && Date.now();
  const inMs = connection.retryAtMs - nowMs;
  return (
    <div class="banner">
      <p>
        <strong>{away.title}</strong> {away.since(span(nowMs - connection.sinceMs))}{" "}
        <span class="dim">{inMs > 0 ? away.next(span(Math.ceil(inMs / 1_000) * 1_000)) : away.now}</span>
      </p>
      <p class="dim">
        {away.hint} {connection.why && `(${printable(connection.why)})`}
      </p>
      <button type="button" onClick={() => poller.retry()}>
        {says.retry}
      </button>
    </div>
  );
}

export function ConnectionBanner() {
  const { away } = words.value;
  const isAway = poller.connection.value.kind === "away";
  return (
    <>
      {/* Told once to whoever does not see it: the seconds of the banner would be read out for ever. */}
      <p class="unseen" role="status">
        {isAway ? `${away.title} ${away.hint}` : ""}
      </p>
      <Away />
    </>
  );
}
