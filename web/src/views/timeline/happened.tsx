// What happened in the time that is shown, as a list.
import { isQuiet, MARK_SHAPES, type Mark } from "../../charts/chart_paint.ts";
import { words } from "../../i18n/language.ts";
import { Moment } from "../../parts/ages.tsx";

/** Lines of the list: of more there are those that came last. */
const LISTED = 200;

export function Happened({ marks, leftOut }: { marks: readonly Mark[]; leftOut: number }) {
  const { timeline } = words.value;
  if (marks.length === 0) return null;
  const listed = marks.slice(-LISTED);
  const earlier = marks.length - listed.length + leftOut;
  return (
    <section>
      <h2>{timeline.marks}</h2>
      {earlier > 0 && <p class="dim small">{timeline.earlierMarks(earlier)}</p>}
      <ol class="marks">
        {listed.map(({ at_ms, kind, text }) => (
          <li key={`${at_ms} ${kind} ${text}`} class={isQuiet(kind) ? "quiet" : undefined}>
            <Moment at={at_ms} />{" "}
            <span class="mark-kind">
              <svg class={`mark-shape ${kind}`} viewBox="0 0 10 10" aria-hidden="true">
                <path d={MARK_SHAPES[kind]} />
              </svg>
              {timeline.markKinds[kind]}
            </span>{" "}
            {text}
          </li>
        ))}
      </ol>
    </section>
  );
}
