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
