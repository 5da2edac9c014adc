// What a series is called; of a stack also the rest of it.
import type { Frame, Series } from "../api/history.ts";
import { printable } from "../format/printable.ts";
import { words } from "../i18n/language.ts";
import { CodePlace, FunctionName } from "../parts/names.tsx";

/** Functions that the compiler made: they say nothing that their callee does not. */
const MADE_BY_COMPILER = /(\.gowrap\d+|-fm)$/;

/** The frame of a stack that its name is of: the innermost of the program. */
function namedFrame(series: Series): Frame | undefined {
  const name = series.name;
  const frames = series.stack?.frames ?? [];
  return frames.find((frame) => name !== null && frame.function.startsWith(name)) ?? frames[0];
}

/** The outermost frame that somebody wrote: it tells stacks apart that end in the same function. */
function outermost(series: Series): Frame | undefined {
  return series.stack?.frames.findLast((frame) => !MADE_BY_COMPILER.test(frame.function));
}

export function seriesWord(series: Series): string {
  const { kinds, rest } = words.value.timeline;
  if (series.kind === "rest") return rest;
  const known: Readonly<Record<string, string>> = kinds;
  if (series.name === null) return known[series.kind] ?? kinds.none;
  return printable(series.name);
}

function Frames({ series }: { series: Series }) {
  const { timeline } = words.value;
  const created = series.stack?.created_by;
  return (
    <ol class="frames">
      {series.stack?.frames.map((frame, index) => (
        // Frames may be equal, and never change places.
        <li key={index}>
          <FunctionName name={frame.function} /> <CodePlace file={frame.file} line={frame.line} />
        </li>
      ))}
      {series.stack?.complete === false && <li class="dim">…</li>}
      {created && (
        <li>
          <span class="dim">{timeline.createdBy}</span> <FunctionName name={created.function} />{" "}
          <CodePlace file={created.file} line={created.line} />
        </li>
      )}
    </ol>
  );
}

export function SeriesName({ series }: { series: Series }) {
  const frame = series.kind === "stack" ? namedFrame(series) : undefined;
  if (!frame) return <span class="series-name">{seriesWord(series)}</span>;
  const root = outermost(series);
  return (
    <details class="series-name">
      <summary>
        <FunctionName name={frame.function} /> <CodePlace file={frame.file} line={frame.line} />
        {root && root.function !== frame.function && (
          <span class="dim small">
            {" "}
            {words.value.timeline.within} <FunctionName name={root.function} />
          </span>
        )}
      </summary>
      <Frames series={series} />
    </details>
  );
}
