// The rectangle that is drawn to choose.
import type { ReadonlySignal } from "@preact/signals";
import type { Rectangle } from "./gestures.ts";

export function Brush({ drawn }: { drawn: ReadonlySignal<Rectangle | undefined> }) {
  if (!drawn.value) return null;
  const { x, y, width, height } = drawn.value;
  return (
    <div
      class="map-brush"
      style={{ left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` }}
    />
  );
}
