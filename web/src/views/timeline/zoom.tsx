// Ways to another time: wider, now, or where something is known.
import { moment } from "../../format/figures.ts";
import { words } from "../../i18n/language.ts";
import { Empty } from "../../parts/notices.tsx";
import { agentNow } from "../../polling/clock.ts";
import { change } from "../../router/place.ts";
import { askedTimes, type Times } from "./known.ts";
import { type Asked, durationMs, momentWord, widened } from "./question.ts";

const isCustom = ({ since, until }: Asked) => until !== undefined || durationMs(since) === undefined;

/** Wider, and back to now; how a time is chosen, where none is. */
export function Zoom({ shown, hint = true }: { shown: Asked; hint?: boolean }) {
  const { timeline } = words.value;
  if (!isCustom(shown)) return hint ? <p class="dim small">{timeline.brush}</p> : null;
  const widen = () => {
    const nowMs = agentNow();
    const { fromMs, toMs } = askedTimes(shown, nowMs);
    change(widened(fromMs, toMs, nowMs));
  };
  return (
    <p class="zoom">
      <button type="button" onClick={widen}>
        {timeline.zoomOut}
      </button>
      <button type="button" onClick={() => change({ since: "1h", until: undefined })}>
        {timeline.backToNow}
      </button>
    </p>
  );
}

/** Said of a time of which nothing is known, with the ways out of it. */
export function NothingThen({
  shown,
  known,
  title,
}: {
  shown: Asked;
  known: Times | undefined;
  title?: string;
}) {
  const { timeline } = words.value;
  const { fromMs, toMs } = known ?? {};
  const goThere = () => {
    if (fromMs === undefined) return;
    // The end is seen, too.
    change({ since: momentWord(fromMs), until: toMs === undefined ? undefined : momentWord(toMs + 1_000) });
  };
  const from = fromMs === undefined ? "" : moment(fromMs);
  const hint = from
    ? timeline.knownTimes(from, toMs === undefined ? timeline.untilNow : moment(toMs))
    : timeline.nothingHint;
  return (
    <>
      <Zoom shown={shown} hint={false} />
      <Empty title={title ?? timeline.nothing} hint={hint}>
        {known && (
          <button type="button" onClick={goThere}>
            {timeline.goToKnown}
          </button>
        )}
      </Empty>
    </>
  );
}
