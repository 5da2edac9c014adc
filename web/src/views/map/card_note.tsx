// Says that the graphics card draws nothing, and why the numbers are shown instead.
import type { Card } from "../../gl/drawing.ts";
import { words } from "../../i18n/language.ts";

export function CardNote({ card }: { card: Card }) {
  const { live } = words.value;
  const said = card === "lost" ? live.map.lost : card === "none" ? live.map.noGl : "";
  return (
    <p class={said ? "card-note" : "unseen"} role="status">
      {said}
    </p>
  );
}
