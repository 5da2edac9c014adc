// What a series is called.
import type { Series } from "../api/history.ts";
import { printable } from "../format/printable.ts";
import { words } from "../i18n/language.ts";
import { CodePlace, FunctionName } from "../parts/names.tsx";

/** The frame of a stack that its name is of: the innermost of the program. */
export function namedFrame(series: Series) {
  const name = series.name;
  const frames = series.stack?.frames ?? [];
  return frames.find((frame) => name !== null && frame.function.startsWith(name)) ?? frames[0];
}

export function seriesWord(series: Series): string {
  const { kinds, rest } = words.value.timeline;
  if (series.kind === "rest") return rest;
  const known: Readonly<Record<string, string>> = kinds;
  if (series.name === null) return known[series.kind] ?? kinds.none;
  return printable(series.name);
}

export function SeriesName({ series }: { series: Series }) {
  const frame = series.kind === "stack" ? namedFrame(series) : undefined;
  if (!frame) return <span class="series-name">{seriesWord(series)}</span>;
  return (
    <span class="series-name">
      <FunctionName name={frame.function} /> <CodePlace file={frame.file} line={frame.line} />
    </span>
  );
}
