// What is seen of a picture, kept in the address.
import { useRef } from "preact/hooks";
import { useSettled } from "../../router/settled.ts";
import type { Size } from "../live/size.ts";
import { type Camera, cameraAt, cameraWord } from "./camera.ts";

export interface SeenBy {
  readonly camera: Camera;
  /** The camera at this very moment: several events come between two frames. */
  readonly latest: () => Camera;
  readonly move: (camera: Camera) => void;
}

/** The camera of a surface; `name` is what the address calls it. */
export function useCamera(size: Size | undefined, name = "view"): SeenBy {
  const [width, height] = [size?.width ?? 0, size?.height ?? 0];
  const settled = useSettled(name);
  // The address has it rounded: what one moves does not jump.
  const exact = useRef<{ camera: Camera; word: string | undefined; width: number; height: number }>(
    undefined,
  );
  const latest = (): Camera => {
    const [word, known] = [settled.latest(), exact.current];
    if (known?.word === word && known?.width === width && known.height === height) return known.camera;
    return cameraAt(word, width, height);
  };
  const move = (camera: Camera) => {
    const word = cameraWord(camera, width, height);
    exact.current = { camera, word, width, height };
    settled.set(word);
  };
  return { camera: latest(), latest, move };
}
