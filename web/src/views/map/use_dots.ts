// Brings what the worker tells of dots to the graphics card, and draws when something has changed.
import { effect, type ReadonlySignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { type Card, Painter, useDrawing } from "../../gl/drawing.ts";
import { FrameMeter } from "../../gl/frame_meter.ts";
import { counted } from "../../gl/script_time.ts";
import { sharpen } from "../../gl/sharpen.ts";
import type { Feed } from "../../live/feed.ts";
import type { Tick } from "../../live/messages.ts";
import { theme } from "../../theme/theme.ts";
import type { Camera } from "./camera.ts";
import { DOTS, Dots } from "./dots.ts";
import { type Geometry, sameGeometry } from "./geometry.ts";

/** What is drawn. */
export interface Scene {
  readonly tick: Tick;
  readonly byAge: boolean;
  readonly camera: ReadonlySignal<Camera>;
  readonly geometry: Geometry | undefined;
}

function paint(
  canvas: HTMLCanvasElement,
  dots: Dots,
  scene: Scene,
  placed: { current: Geometry | null },
): boolean {
  const { geometry, tick, byAge } = scene;
  if (!geometry) return false;
  sharpen(canvas, geometry);
  if (!sameGeometry(placed.current ?? undefined, geometry)) dots.place(geometry);
  placed.current = geometry;
  const { width, height } = geometry;
  return dots.draw({ camera: scene.camera.peek(), byAge, nowS: tick.nowS, width, height }, tick.places);
}

/** Draws the dots of a feed on a canvas. */
export function useDots(
  canvas: RefObject<HTMLCanvasElement | null>,
  feed: Feed,
  scene: Scene,
): { readonly card: Card; readonly meter: FrameMeter } {
  const meter = useMemo(() => new FrameMeter(), []);
  const drawing = useMemo(
    () => ({
      shaders: DOTS,
      begin: (gl: WebGL2RenderingContext, programs: readonly [WebGLProgram, WebGLProgram]) =>
        new Dots(gl, programs, meter),
    }),
    [meter],
  );
  useEffect(() => meter.listen(), [meter]);
  const { card, current: dots } = useDrawing(canvas, drawing);
  const latest = useRef(scene);
  latest.current = scene;
  const placed = useRef<Geometry>(null);
  const painter = useMemo(
    () =>
      new Painter(() => {
        const [on, drawn] = [canvas.current, dots.current];
        if (!on || !drawn) return false;
        const isIncomplete = counted(() => paint(on, drawn, latest.current, placed));
        meter.drew();
        return isIncomplete;
      }),
    [canvas, dots, meter],
  );

  useEffect(() => {
    feed.onTick = (patch) => {
      meter.tick();
      if (!patch) return;
      const isTaken = dots.current?.state.take(patch);
      if (isTaken === undefined) feed.hasMissedDots = true;
      if (isTaken === false) feed.say({ kind: "again" });
      painter.request();
    };
    return () => {
      feed.onTick = undefined;
    };
  }, [feed, dots, painter]);
  useEffect(() => {
    placed.current = null;
    if (card !== "ready") {
      // What comes until then is lost.
      feed.hasMissedDots = true;
      return;
    }
    meter.begin();
    if (feed.hasMissedDots) feed.say({ kind: "again" });
    feed.hasMissedDots = false;
    painter.request();
  }, [card, feed, painter, meter]);
  useEffect(
    () =>
      effect(() => {
        if (theme.value) requestAnimationFrame(() => dots.current?.recolour());
        painter.request();
      }),
    [dots, painter],
  );
  const { geometry, camera, byAge, tick } = scene;
  useEffect(
    () =>
      effect(() => {
        if (camera.value) painter.request();
      }),
    [painter, camera],
  );
  // In the frame that shows the tick's numbers, not in the one after it.
  useLayoutEffect(() => painter.request(), [painter, geometry, byAge, tick]);
  return { card, meter };
}
