// What is painted onto the chart besides its series: times in which nobody looked, and moments at which something
// happened.
import type uPlot from "uplot";
import { colour } from "../theme/theme.ts";

export interface Gap {
  readonly from_ms: number;
  readonly to_ms: number;
}

/** Something that happened. */
export interface Mark {
  readonly at_ms: number;
  readonly text: string;
}

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

export function paintMarks(plot: uPlot, marks: readonly Mark[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour("text-2");
  ctx.fillStyle = colour("text-2");
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const { at_ms } of marks) {
    const x = Math.round(plot.valToPos(at_ms / 1_000, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const size = 4 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x - size, bbox.top);
    ctx.lineTo(x + size, bbox.top);
    ctx.lineTo(x, bbox.top + size);
    ctx.fill();
  }
  ctx.restore();
}
