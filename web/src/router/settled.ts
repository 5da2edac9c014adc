// A word of the address that changes with the pointer: at once for whoever draws it, in the address when it is still.
import { useRef, useState } from "preact/hooks";
import { changeSoon, place } from "./place.ts";

export interface Settled {
  readonly word: string | undefined;
  /** The word at this very moment: several events come between two frames. */
  readonly latest: () => string | undefined;
  readonly set: (word: string | undefined) => void;
}

/** The word that has a name in the address. What the address says otherwise is gone to: one went back, or followed a link. */
export function useSettled(name: string): Settled {
  const said = place.value.query.get(name) ?? undefined;
  const [, drawAgain] = useState(0);
  const own = useRef<{ readonly word: string | undefined }>(undefined);
  const lastSaid = useRef(said);
  if (said !== lastSaid.current && said !== own.current?.word) own.current = undefined;
  lastSaid.current = said;
  const latest = () => (own.current ? own.current.word : said);
  const set = (word: string | undefined) => {
    own.current = { word };
    changeSoon({ [name]: word });
    drawAgain((times) => times + 1);
  };
  return { word: latest(), latest, set };
}
