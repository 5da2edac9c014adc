// Brings the past to the graphics card, and draws when something has changed.
import type { RefObject } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { type Card, Painter, useDrawing } from "../../gl/drawing.ts";
import { FrameMeter } from "../../gl/frame_meter.ts";
import { counted } from "../../gl/script_time.ts";
import { sharpen } from "../../gl/sharpen.ts";
import type { Feed } from "../../live/feed.ts";
import type { Size } from "../live/size.ts";
import { PAST_DOTS, PastDots, type PastLook } from "./past_dots.ts";

/** Draws the past of a feed on a canvas. */
export function usePastDots(
  canvas: RefObject<HTMLCanvasElement | null>,
  feed: Feed,
  size: Size | undefined,
  look: PastLook,
): { readonly card: Card; readonly meter: FrameMeter } {
  const meter = useMemo(() => new FrameMeter(), []);
  const drawing = useMemo(
    () => ({
      shaders: [PAST_DOTS] as const,
      begin: (gl: WebGL2RenderingContext, [program]: readonly [WebGLProgram]) =>
        new PastDots(gl, program, meter),
    }),
    [meter],
  );
  useEffect(() => meter.listen(), [meter]);
  const { card, current: dots } = useDrawing(canvas, drawing);
  const latest = useRef({ look, size });
  latest.current = { look, size };
  const painter = useMemo(
    () =>
      new Painter(() => {
        const [on, drawn, now] = [canvas.current, dots.current, latest.current];
        if (!on || !drawn || !now.size) return false;
        const { size } = now;
        counted(() => {
          sharpen(on, { width: size.width, height: on.clientHeight });
          drawn.upload(feed.past);
          drawn.draw(now.look);
        });
        meter.drew();
        return false;
      }),
    [canvas, dots, feed, meter],
  );
  useEffect(() => {
    if (card === "ready") meter.begin();
  }, [card, meter]);
  const version = feed.pastVersion.value;
  useEffect(() => meter.tick(), [meter, version]);
  const { seen, most, rows } = look;
  useEffect(
    () => painter.request(),
    [painter, card, version, size, most, seen.from, seen.until, rows.join()],
  );
  return { card, meter };
}
