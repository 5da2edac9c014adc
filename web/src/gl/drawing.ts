// A drawing on a canvas of WebGL 2: begun without waiting for compilers, and begun anew after the card has lost it.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Compiling, compiling, type Shaders } from "./program.ts";
import { counted } from "./script_time.ts";
import { sharpen } from "./sharpen.ts";

/** How it stands with the graphics card: nothing can be drawn unless it is ready. */
export type Card = "starting" | "ready" | "lost" | "none";

/** What is drawn with. */
export interface Drawing<D, P extends readonly Shaders[]> {
  readonly shaders: P;
  /** Takes over programs that are ready. Not called again before the card has lost all that this has made. */
  readonly begin: (gl: WebGL2RenderingContext, programs: { [At in keyof P]: WebGLProgram }) => D;
}

const CONTEXT: WebGLContextAttributes = {
  antialias: false,
  premultipliedAlpha: true,
  powerPreference: "low-power",
};

/** Begins to draw on a canvas; gives the drawing while there is one. */
export function useDrawing<D, const P extends readonly Shaders[]>(
  canvas: RefObject<HTMLCanvasElement | null>,
  drawing: Drawing<D, P>,
): { readonly card: Card; readonly current: { readonly current: D | null } } {
  const [card, setCard] = useState<Card>("starting");
  const current = useRef<D>(null);
  useEffect(() => {
    const on = canvas.current;
    if (!on) return undefined;
    let frame = 0;
    const finished = (compiled: readonly Compiling[]) =>
      compiled.map((one) => one.finish()) as { [At in keyof P]: WebGLProgram };
    const whenReady = (gl: WebGL2RenderingContext, compiled: readonly Compiling[]) => {
      if (gl.isContextLost()) return;
      if (!compiled.every((one) => one.isReady())) {
        frame = requestAnimationFrame(() => whenReady(gl, compiled));
        return;
      }
      try {
        current.current = counted(() => drawing.begin(gl, finished(compiled)));
        setCard("ready");
      } catch {
        // A driver that cannot do what all can: the numbers are shown instead.
        setCard("none");
      }
    };
    const begin = () => {
      // A canvas that has its size before its context is made is not made twice.
      sharpen(on, { width: on.clientWidth, height: on.clientHeight });
      const gl = on.getContext("webgl2", CONTEXT);
      if (!gl) return setCard("none");
      if (gl.isContextLost()) return setCard("lost");
      setCard("starting");
      whenReady(
        gl,
        drawing.shaders.map((shaders) => compiling(gl, shaders)),
      );
    };
    const lost = (event: Event) => {
      // Without this it would not be given back.
      event.preventDefault();
      cancelAnimationFrame(frame);
      current.current = null;
      setCard("lost");
    };
    begin();
    on.addEventListener("webglcontextlost", lost);
    on.addEventListener("webglcontextrestored", begin);
    return () => {
      cancelAnimationFrame(frame);
      on.removeEventListener("webglcontextlost", lost);
      on.removeEventListener("webglcontextrestored", begin);
      current.current = null;
    };
  }, [canvas, drawing]);
  return { card, current };
}

/** Draws at most once a frame, and only when asked to; once more if what it paints says so. */
export class Painter {
  readonly paint: () => boolean;
  #isDue = false;

  constructor(paint: () => boolean) {
    this.paint = paint;
  }

  request = (): void => {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      if (this.paint()) this.request();
    });
  };
}
