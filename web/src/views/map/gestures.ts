// Pointers and keys over a picture: wheel and pinch zoom, dragging moves what is zoomed and otherwise chooses. A finger
// scrolls the page until something is zoomed, and a tap shows what a mouse shows by being there.
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { counted } from "../../gl/script_time.ts";
import { type Camera, moved, WHOLE, zoomed } from "./camera.ts";

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Gestures {
  /** Where the page is scrolled over the picture, and where it has keys of its own. */
  readonly wheelNeedsCtrl?: boolean;
  readonly hasOwnKeys?: boolean;
  readonly camera: () => Camera;
  readonly setCamera: (camera: Camera) => void;
  /** While a rectangle is drawn; `undefined` when it is not any more. */
  readonly brushing: (rectangle: Rectangle | undefined) => void;
  readonly brushed: (rectangle: Rectangle) => void;
  readonly clicked: (x: number, y: number) => void;
  /** As a click, by a finger, which cannot be over something without touching it. */
  readonly tapped: (x: number, y: number) => void;
  readonly hovered: (x: number, y: number) => void;
  readonly left: () => void;
}

/** What moves less was a click. */
const CLICK_PX = 4;
/** Fingers are not as still. */
const TAP_PX = 12;
const KEY_STEP = 60;

interface Held {
  readonly startX: number;
  readonly startY: number;
  x: number;
  y: number;
}

function rectangle({ startX, startY, x, y }: Held): Rectangle {
  return {
    x: Math.min(startX, x),
    y: Math.min(startY, y),
    width: Math.abs(x - startX),
    height: Math.abs(y - startY),
  };
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where an element is. Asking after something has changed makes the browser lay out the whole page at once, which it does
 * again for the frame: while there are events, it is asked when a frame is done and nothing has changed. */
class Whereabouts {
  readonly #element: HTMLElement;
  #known: Box | undefined;
  #isAwaited = false;
  #isUsed = false;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  get box(): Box {
    this.#isUsed = true;
    this.#known ??= this.#measured();
    if (!this.#isAwaited) this.#await();
    return this.#known;
  }

  #await(): void {
    this.#isAwaited = true;
    requestAnimationFrame(() =>
      setTimeout(() => {
        this.#isAwaited = false;
        this.#known = this.#isUsed ? this.#measured() : undefined;
        if (this.#isUsed) this.#await();
        this.#isUsed = false;
      }),
    );
  }

  #measured(): Box {
    const { left, top } = this.#element.getBoundingClientRect();
    return { left, top, width: this.#element.clientWidth, height: this.#element.clientHeight };
  }
}

class Pointers {
  readonly #held = new Map<number, Held>();
  #isBrush = false;
  #wasPinch = false;
  readonly #whereabouts: Whereabouts;
  readonly element: HTMLElement;
  readonly gestures: () => Gestures;

  constructor(element: HTMLElement, gestures: () => Gestures) {
    this.element = element;
    this.#whereabouts = new Whereabouts(element);
    this.gestures = gestures;
  }

  down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const [x, y] = this.#point(event);
    this.element.setPointerCapture(event.pointerId);
    this.#held.set(event.pointerId, { startX: x, startY: y, x, y });
    this.#isBrush = event.shiftKey || this.gestures().camera().zoom === 1;
    if (this.#held.size > 1) this.#wasPinch = true;
    if (this.#wasPinch) this.gestures().brushing(undefined);
  };

  move = (event: PointerEvent) => {
    const [x, y] = this.#point(event);
    const held = this.#held.get(event.pointerId);
    const gestures = this.gestures();
    if (!held) return event.pointerType === "touch" ? undefined : gestures.hovered(x, y);
    const { width, height } = this.#whereabouts.box;
    const [dx, dy] = [x - held.x, y - held.y];
    const spread = this.#spread();
    held.x = x;
    held.y = y;
    if (this.#held.size === 2) {
      const { at, apart } = this.#spread();
      const camera = moved(gestures.camera(), dx / 2, dy / 2, width, height);
      gestures.setCamera(zoomed(camera, apart / Math.max(spread.apart, 1), at[0], at[1], width, height));
    } else if (this.#isBrush) {
      if (!this.#wasPinch) gestures.brushing(rectangle(held));
    } else {
      gestures.setCamera(moved(gestures.camera(), dx, dy, width, height));
    }
  };

  up = (event: PointerEvent) => {
    const held = this.#held.get(event.pointerId);
    this.#held.delete(event.pointerId);
    const gestures = this.gestures();
    gestures.brushing(undefined);
    if (held && !this.#wasPinch && event.type === "pointerup") {
      const drawn = rectangle(held);
      const isTouch = event.pointerType === "touch";
      if (drawn.width + drawn.height < (isTouch ? TAP_PX : CLICK_PX)) {
        if (isTouch) gestures.tapped(held.x, held.y);
        else gestures.clicked(held.x, held.y);
      } else if (this.#isBrush) gestures.brushed(drawn);
    }
    if (this.#held.size === 0) this.#wasPinch = false;
  };

  leave = (event: PointerEvent) => {
    // A finger leaves when it is lifted; what it has tapped stays.
    if (event.pointerType !== "touch") this.gestures().left();
  };

  wheel = (event: WheelEvent) => {
    const gestures = this.gestures();
    const camera = gestures.camera();
    // The page scrolls where there is nothing to make smaller.
    if (event.deltaY > 0 && camera.zoom === 1) return;
    if (gestures.wheelNeedsCtrl && !event.ctrlKey) return;
    event.preventDefault();
    const [x, y] = this.#point(event);
    const by = Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0022));
    const { width, height } = this.#whereabouts.box;
    gestures.setCamera(zoomed(camera, by, x, y, width, height));
  };

  key = (event: KeyboardEvent) => {
    const gestures = this.gestures();
    const { width, height } = this.#whereabouts.box;
    const camera = gestures.camera();
    const next = gestures.hasOwnKeys ? undefined : byKey(event.key, camera, width, height);
    if (!next) return;
    event.preventDefault();
    gestures.setCamera(next);
  };

  #spread(): { at: [number, number]; apart: number } {
    const [a, b] = [...this.#held.values()];
    if (!a || !b) return { at: [0, 0], apart: 0 };
    return { at: [(a.x + b.x) / 2, (a.y + b.y) / 2], apart: Math.hypot(a.x - b.x, a.y - b.y) };
  }

  #point(event: MouseEvent): [number, number] {
    const { left, top } = this.#whereabouts.box;
    return [event.clientX - left, event.clientY - top];
  }
}

function byKey(key: string, camera: Camera, width: number, height: number): Camera | undefined {
  switch (key) {
    case "+":
    case "=":
      return zoomed(camera, 1.5, width / 2, height / 2, width, height);
    case "-":
      return zoomed(camera, 1 / 1.5, width / 2, height / 2, width, height);
    case "0":
      return WHOLE;
    case "ArrowLeft":
      return moved(camera, KEY_STEP, 0, width, height);
    case "ArrowRight":
      return moved(camera, -KEY_STEP, 0, width, height);
    case "ArrowUp":
      return moved(camera, 0, KEY_STEP, width, height);
    case "ArrowDown":
      return moved(camera, 0, -KEY_STEP, width, height);
    default:
      return undefined;
  }
}

export function useGestures(element: RefObject<HTMLElement | null>, gestures: Gestures): void {
  const current = useRef(gestures);
  current.current = gestures;
  useEffect(() => {
    const on = element.current;
    if (!on) return undefined;
    const pointers = new Pointers(on, () => current.current);
    const heard = new AbortController();
    const hear = <E extends Event>(name: string, act: (event: E) => void) =>
      on.addEventListener(name, (event) => counted(() => act(event as E)), {
        passive: false,
        signal: heard.signal,
      });
    hear("pointerdown", pointers.down);
    hear("pointermove", pointers.move);
    hear("pointerup", pointers.up);
    hear("pointercancel", pointers.up);
    hear("pointerleave", pointers.leave);
    hear("wheel", pointers.wheel);
    hear("keydown", pointers.key);
    return () => heard.abort();
  }, [element]);
}
