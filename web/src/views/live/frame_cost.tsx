// What the picture costs: measured in this browser, on this page.
import { decimal, whole } from "../../format/figures.ts";
import type { FrameMeter } from "../../gl/frame_meter.ts";
import { words } from "../../i18n/language.ts";
import type { Feed } from "../../live/feed.ts";

/** What our own script may take of a frame, so that sixty fit into a second. */
const BUDGET_MS = 4;

/** Drawn anew when there are figures, which is more rarely than anything that costs something. */
export function FrameCost({ meter, feed }: { meter: FrameMeter; feed: Feed }) {
  const { live } = words.value;
  const figures = meter.figures.value;
  const tick = feed.tick.peek();
  if (!figures || !tick) return null;
  const kib = (bytes: number) => `${decimal(bytes / 1_024)} KiB`;
  return (
    <p class="frame-cost dim small" title={live.cost.title}>
      <span class={figures.p99Ms > BUDGET_MS ? "trouble" : ""}>
        {live.cost.script(
          figures.medianMs.toFixed(1),
          figures.p99Ms.toFixed(1),
          figures.worstMs.toFixed(1),
          whole(figures.frames),
        )}
      </span>
      <span>{live.cost.upload(kib(figures.uploadedBytes), figures.uploads)}</span>
      <span>
        {live.cost.worker(tick.cost.decodeMs.toFixed(1), tick.cost.applyMs.toFixed(1), kib(tick.cost.bytes))}
      </span>
      <span>{live.cost.look(decimal(tick.lookMs))}</span>
      <span>{live.cost.frames(whole(figures.perSecond))}</span>
    </p>
  );
}
