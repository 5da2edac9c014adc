// A goroutine in a few words, for what appears under the pointer.
import { span } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import type { ShownRow } from "../../live/rows/window.ts";
import { FunctionName } from "../../parts/names.tsx";

export function Who({ row }: { row: ShownRow }) {
  const { live } = words.value;
  return (
    <>
      <p class="strong">
        {live.goroutine} {row.id}
      </p>
      <p>
        {printable(row.reason ?? row.status)}
        {row.ageMs !== null && <span class="dim"> · {live.waitsFor(span(row.ageMs))}</span>}
        {row.p !== null && <span class="dim"> · P{row.p}</span>}
      </p>
      {row.own && (
        <p class="clip">
          <FunctionName name={row.own.function} />
        </p>
      )}
    </>
  );
}
