// The size of an element, as it changes.
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export function useSize(element: RefObject<HTMLElement | null>): Size | undefined {
  const [size, setSize] = useState<Size>();
  useEffect(() => {
    const on = element.current;
    if (!on) return undefined;
    const observer = new ResizeObserver(() => setSize({ width: on.clientWidth, height: on.clientHeight }));
    observer.observe(on);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

/** Makes a canvas as fine as the screen. */
export function sharpen(canvas: HTMLCanvasElement, { width, height }: Size): void {
  const ratio = Math.min(devicePixelRatio, 2);
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
}
