// Which part of the map is seen, and how large.

export interface Camera {
  /** 1 shows all. */
  readonly zoom: number;
  /** Where the map's corner is on the screen, pixels. */
  readonly x: number;
  readonly y: number;
}

export const WHOLE: Camera = { zoom: 1, x: 0, y: 0 };
const ZOOM_MAX = 64;

/** Kept so that no more is empty than need be. */
function within(camera: Camera, width: number, height: number): Camera {
  const zoom = Math.min(Math.max(camera.zoom, 1), ZOOM_MAX);
  return {
    zoom,
    x: Math.min(0, Math.max(camera.x, width * (1 - zoom))),
    y: Math.min(0, Math.max(camera.y, height * (1 - zoom))),
  };
}

/** Larger or smaller about a point that stays where it is. */
export function zoomed(
  camera: Camera,
  by: number,
  x: number,
  y: number,
  width: number,
  height: number,
): Camera {
  const zoom = Math.min(Math.max(camera.zoom * by, 1), ZOOM_MAX);
  const scale = zoom / camera.zoom;
  return within({ zoom, x: x - (x - camera.x) * scale, y: y - (y - camera.y) * scale }, width, height);
}

export function moved(camera: Camera, dx: number, dy: number, width: number, height: number): Camera {
  return within({ ...camera, x: camera.x + dx, y: camera.y + dy }, width, height);
}

/** A point of the screen on the map. */
export function onMap(camera: Camera, x: number, y: number): { x: number; y: number } {
  return { x: (x - camera.x) / camera.zoom, y: (y - camera.y) / camera.zoom };
}

/** What is seen in few words, the same on screens of all sizes: the zoom, and what is in the middle, from 0 to 1. */
export function cameraWord(camera: Camera, width: number, height: number): string | undefined {
  if (camera.zoom === 1 || width <= 0 || height <= 0) return undefined;
  const middle = onMap(camera, width / 2, height / 2);
  const parts = [camera.zoom.toFixed(2), (middle.x / width).toFixed(4), (middle.y / height).toFixed(4)];
  return parts.map((part) => String(Number(part))).join("_");
}

/** What such words mean; everything, if they mean nothing. */
export function cameraAt(word: string | undefined, width: number, height: number): Camera {
  const parts = /^(\d{1,2}(?:\.\d{1,2})?)_([01](?:\.\d{1,4})?)_([01](?:\.\d{1,4})?)$/.exec(word ?? "");
  if (!parts) return WHOLE;
  const [zoom, x, y] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  return within({ zoom, x: width / 2 - x * width * zoom, y: height / 2 - y * height * zoom }, width, height);
}
