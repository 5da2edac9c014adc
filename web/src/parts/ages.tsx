// Moments, told by how long ago they were; the moment itself on hover.
import { clock, moment, span } from "../format/figures.ts";
import { words } from "../i18n/language.ts";
import { now } from "../polling/clock.ts";

export function Age({ at }: { at: number }) {
  const { says } = words.value;
  const ago = now.value - at;
  return (
    <time dateTime={new Date(at).toISOString()} title={moment(at)}>
      {ago < 1_500 ? says.justNow : says.ago(span(ago))}
    </time>
  );
}

/** `14:05:09 (3 min ago)`. */
export function Moment({ at }: { at: number }) {
  return (
    <span class="moment">
      <span title={moment(at)}>{clock(at)}</span>{" "}
      <span class="dim">
        (<Age at={at} />)
      </span>
    </span>
  );
}
