// A word of the address that changes with the pointer: at once for whoever draws it, in the address when it is still.
import { type ReadonlySignal, useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { changeSoon, wordOf } from "./place.ts";

export interface Settled {
  readonly word: ReadonlySignal<string | undefined>;
  readonly set: (word: string | undefined) => void;
}

/** The word that has a name in the address. What the address says otherwise is gone to: one went back, or followed a link. */
export function useSettled(name: string): Settled {
  const said = wordOf(name);
  const word = useSignal(said.peek());
  const lastSaid = useRef(word.peek());
  useSignalEffect(() => {
    if (said.value === lastSaid.current) return;
    lastSaid.current = said.value;
    word.value = said.value;
  });
  const set = (next: string | undefined) => {
    word.value = next;
    changeSoon({ [name]: next });
  };
  return { word, set };
}
