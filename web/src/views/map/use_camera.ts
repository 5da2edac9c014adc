// What is seen of a picture, kept in the address.
import { batch, computed, type ReadonlySignal, useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { useSettled } from "../../router/settled.ts";
import type { Size } from "../live/size.ts";
import { type Camera, cameraAt, cameraWord } from "./camera.ts";

export interface SeenBy {
  /** Who reads it is drawn anew when it moves; the picture itself is not Preact's. */
  readonly camera: ReadonlySignal<Camera>;
  readonly move: (camera: Camera) => void;
}

/** A camera, and the size and the word that it is of. */
interface Exact extends Size {
  readonly camera: Camera;
  readonly word: string | undefined;
}

/** The camera of a surface; `name` is what the address calls it. */
export function useCamera(size: Size | undefined, name = "view"): SeenBy {
  const [width, height] = [size?.width ?? 0, size?.height ?? 0];
  const { word, set } = useSettled(name);
  // The address has it rounded: what one moves does not jump.
  const exact = useSignal<Exact | undefined>(undefined);
  const camera = useMemo(
    () =>
      computed(() => {
        const known = exact.value;
        const isOf = known?.word === word.value && known?.width === width && known.height === height;
        return known && isOf ? known.camera : cameraAt(word.value, width, height);
      }),
    [exact, word, width, height],
  );
  const move = (to: Camera) =>
    batch(() => {
      const next = cameraWord(to, width, height);
      exact.value = { camera: to, word: next, width, height };
      set(next);
    });
  return { camera, move };
}
