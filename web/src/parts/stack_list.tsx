// A stack, innermost first: what the runtime does is folded, since it is the same for all that wait so.
import type { Place } from "../api/goroutine.ts";
import { words } from "../i18n/language.ts";
import { CodePlace, FunctionName } from "./names.tsx";

/** Frames of packages below `runtime` and `internal/runtime`. */
const OF_RUNTIME = /^(?:internal\/)?runtime[./]/;

function Frames({ places }: { places: readonly Place[] }) {
  return places.map((place, index) => (
    // Frames may be equal, and never change places.
    <li key={index}>
      <FunctionName name={place.function} /> <CodePlace file={place.file} line={place.line} />
    </li>
  ));
}

/** How many of the innermost frames are the runtime's; none of them is folded if all are. */
export function runtimeDepth(places: readonly Place[]): number {
  return Math.max(
    places.findIndex(({ function: name }) => !OF_RUNTIME.test(name)),
    0,
  );
}

export function StackList({ places }: { places: readonly Place[] }) {
  const depth = runtimeDepth(places);
  return (
    <>
      {depth > 0 && (
        <details class="runtime-frames">
          <summary class="dim small">{words.value.live.runtimeFrames(depth)}</summary>
          <ol class="stack dim">
            <Frames places={places.slice(0, depth)} />
          </ol>
        </details>
      )}
      <ol class="stack">
        <Frames places={places.slice(depth)} />
      </ol>
    </>
  );
}
