// Brings what the worker tells of dots to the graphics card, and draws when something has changed.
import { effect } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
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
  readonly camera: Camera;
  readonly geometry: Geometry | undefined;
}

function paint(
  canvas: HTMLCanvasElement,
  dots: Dots,
  scene: Scene,
  placed: { current: Geometry | null },
): boolean {
  const { geometry, tick } = scene;
  if (!geometry) return false;
  sharpen(canvas, geometry);
  if (!sameGeometry(placed.current ?? undefined, geometry)) dots.place(geometry);
  placed.current = geometry;
  const { width, height } = geometry;
  return dots.draw({ ...scene, nowS: tick.nowS, width, height }, tick.places);
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
      ...DOTS,
      begin: (gl: WebGL2RenderingContext, program: WebGLProgram) => new Dots(gl, program, meter),
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
    feed.onDots = (patch) => {
      meter.tick();
      const isTaken = dots.current?.state.take(patch);
      if (isTaken === undefined) feed.hasMissedDots = true;
      if (isTaken === false) feed.say({ kind: "again" });
      painter.request();
    };
    return () => {
      feed.onDots = undefined;
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
  useEffect(() => painter.request(), [painter, scene.geometry, scene.camera, scene.byAge, scene.tick]);
  return { card, meter };
}
