// What the picture costs: measured in this browser, on this page.
import { decimal, whole } from "../../format/figures.ts";
import type { FrameFigures, FrameMeter } from "../../gl/frame_meter.ts";
import { words } from "../../i18n/language.ts";
import type { Feed } from "../../live/feed.ts";

/** What our own script may take of a frame, so that sixty fit into a second. */
const BUDGET_MS = 4;

/** Of so many frames it can be said what 99 of 100 take. */
const FRAMES_MIN = 100;

function Script({ figures: { medianMs, p99Ms, worstMs, frames } }: { figures: FrameFigures }) {
  const { cost } = words.value.live;
  if (frames < FRAMES_MIN) return <span>{cost.scriptOfFew(medianMs.toFixed(1))}</span>;
  return (
    <span class={p99Ms > BUDGET_MS ? "trouble" : ""}>
      {cost.script(medianMs.toFixed(1), p99Ms.toFixed(1), worstMs.toFixed(1), whole(frames))}
    </span>
  );
}

/** Drawn anew when there are figures, which is more rarely than anything that costs something. */
export function FrameCost({ meter, feed }: { meter: FrameMeter; feed: Feed }) {
  const { live } = words.value;
  const figures = meter.figures.value;
  const tick = feed.tick.peek();
  if (!figures || !tick) return null;
  const kib = (bytes: number) => `${decimal(bytes / 1_024)} KiB`;
  return (
    <p class="frame-cost dim small" title={live.cost.title}>
      <Script figures={figures} />
      <span>{live.cost.upload(kib(figures.uploadedBytes), figures.uploads)}</span>
      <span>
        {live.cost.worker(tick.cost.decodeMs.toFixed(1), tick.cost.applyMs.toFixed(1), kib(tick.cost.bytes))}
      </span>
      <span>{live.cost.look(decimal(tick.lookMs))}</span>
      <span>{live.cost.frames(whole(figures.perSecond))}</span>
    </p>
  );
}
