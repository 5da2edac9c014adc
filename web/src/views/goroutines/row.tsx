// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot have only the rows in sight where they belong.
// biome-ignore-all lint/a11y/useFocusableInteractive: the table has the focus, and its keys choose a row.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the keys of the table choose a row, too.
// A goroutine as a row.
import { span, UNKNOWN } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import type { ShownRow } from "../../live/rows/window.ts";
import { CodePlace, FunctionName } from "../../parts/names.tsx";
import { targetAddress } from "../live/target_head.tsx";

/** All rows have this height: that is how many fit is known. A narrow screen has two lines for each: goroutines.css. */
const WIDE_PX = 28;
const NARROW_PX = 48;
const narrow = matchMedia("(max-width: 760px)");

export function rowPx(): number {
  return narrow.matches ? NARROW_PX : WIDE_PX;
}

interface RowProps {
  readonly row: ShownRow;
  readonly number: number;
  readonly target: string;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

export function GoroutineRow({ row, number, target, isChosen, onChoose }: RowProps) {
  const { live } = words.value;
  return (
    <div
      class={`goroutine-row ${isChosen ? "chosen" : ""}`}
      role="row"
      aria-rowindex={number + 1}
      aria-selected={isChosen}
      onClick={onChoose}
    >
      <span role="cell" class="of-id number">
        <a href={targetAddress(target, `/goroutines/${row.id}`)}>{row.id}</a>
      </span>
      <span role="cell" class={`of-status status ${row.status}`}>
        {printable(row.status)}
      </span>
      <span role="cell" class="of-reason clip">
        {row.reason ? printable(row.reason) : <span class="dim">{UNKNOWN}</span>}
      </span>
      <span role="cell" class="of-age number">
        {row.ageMs === null ? <span class="dim">{UNKNOWN}</span> : span(row.ageMs)}
      </span>
      <span role="cell" class="of-p number">
        {row.p ?? <span class="dim">{UNKNOWN}</span>}
      </span>
      <span role="cell" class="of-function clip">
        {row.own ? (
          <FunctionName name={row.own.function} />
        ) : (
          <span class="dim">{row.isRuntime ? live.table.runtime : live.noStack(row.missing ?? "")}</span>
        )}
      </span>
      <span role="cell" class="of-place clip">
        {row.own && <CodePlace file={row.own.file} line={row.own.line || null} />}
      </span>
      <span role="cell" class="of-labels clip labels">
        {row.labels.map(([key, value]) => (
          <code key={key}>
            {printable(key)}={printable(value)}
          </code>
        ))}
      </span>
    </div>
  );
}
