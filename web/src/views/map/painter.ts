// When the map is drawn.
import type { FrameMeter } from "../../gl/frame_meter.ts";
import type { Dots } from "./dots.ts";

/** Draws at most once a frame, and only if something has changed. */
export class Painter {
  dots: Dots | undefined;
  readonly meter: FrameMeter;
  /** Paints; whether for the first time. */
  readonly paint: (dots: Dots) => boolean;
  #isDue = false;

  constructor(meter: FrameMeter, paint: (dots: Dots) => boolean) {
    this.meter = meter;
    this.paint = paint;
  }

  request = () => {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      const { dots } = this;
      if (!dots) return;
      const isFirst = this.meter.work(() => this.paint(dots));
      if (isFirst) this.meter.begin();
      else this.meter.frame();
    });
  };
}
