// What is painted onto the chart besides its series: times in which nobody looked, and moments at which something
// happened.
import type uPlot from "uplot";
import { colour } from "../theme/theme.ts";

export interface Gap {
  readonly from_ms: number;
  readonly to_ms: number;
}

export type MarkKind = "deploy" | "note" | "exec" | "start" | "end" | "agent" | "clock";

/** Something that happened. */
export interface Mark {
  readonly at_ms: number;
  readonly kind: MarkKind;
  readonly text: string;
}

/** A shape for each kind, in a square of 10: no two are told apart by their colour alone. */
export const MARK_SHAPES: Readonly<Record<MarkKind, string>> = {
  deploy: "M5 0 10 5 5 10 0 5z",
  note: "M1 1h8v8H1z",
  exec: "M0 2h5V0l5 5-5 5V8H0z",
  start: "M0 1h10L5 9z",
  end: "M1.5 0 5 3.5 8.5 0 10 1.5 6.5 5 10 8.5 8.5 10 5 6.5 1.5 10 0 8.5 3.5 5 0 1.5z",
  agent: "M5 2a3 3 0 1 1 0 6 3 3 0 0 1 0-6z",
  clock: "M4 0h2v10H4z",
};

/** What is about watching, and not about what is watched: painted without a line. */
export function isQuiet(kind: MarkKind): boolean {
  return kind === "agent" || kind === "clock";
}

/** Those that are solid lines. */
const SOLID: readonly MarkKind[] = ["deploy", "note"];

const STRIPE = 7;

/** Stripes say: nothing is known. An empty chart would say: nothing was there. */
export function paintGaps(plot: uPlot, gaps: readonly Gap[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour("line-strong");
  ctx.lineWidth = devicePixelRatio / 2;
  for (const gap of gaps) {
    const left = Math.max(plot.valToPos(gap.from_ms / 1_000, "x", true), bbox.left);
    const right = Math.min(plot.valToPos(gap.to_ms / 1_000, "x", true), bbox.left + bbox.width);
    if (right - left < 1) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, right - left, bbox.height);
    ctx.clip();
    ctx.beginPath();
    const step = STRIPE * devicePixelRatio;
    for (let x = left - bbox.height; x < right; x += step) {
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x + bbox.height, bbox.top);
    }
    ctx.stroke();
    ctx.restore();
  }
  ctx.restore();
}

function colourOf(kind: MarkKind): string {
  if (kind === "deploy") return colour("accent");
  return colour(isQuiet(kind) ? "text-3" : "text-2");
}

export function paintMarks(plot: uPlot, marks: readonly Mark[]): void {
  const { ctx, bbox } = plot;
  const dash = 3 * devicePixelRatio;
  // What counts most is painted last, and so on top.
  const order = (kind: MarkKind) => (isQuiet(kind) ? 0 : SOLID.includes(kind) ? 2 : 1);
  for (const { at_ms, kind } of marks.toSorted((a, b) => order(a.kind) - order(b.kind))) {
    const x = Math.round(plot.valToPos(at_ms / 1_000, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.save();
    ctx.strokeStyle = colourOf(kind);
    ctx.fillStyle = colourOf(kind);
    ctx.lineWidth = devicePixelRatio;
    if (!isQuiet(kind)) {
      ctx.setLineDash(SOLID.includes(kind) ? [] : [dash, dash]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    const scale = (isQuiet(kind) ? 0.7 : 0.9) * devicePixelRatio;
    ctx.translate(x - 5 * scale, bbox.top);
    ctx.scale(scale, scale);
    ctx.fill(new Path2D(MARK_SHAPES[kind]));
    ctx.restore();
  }
}
