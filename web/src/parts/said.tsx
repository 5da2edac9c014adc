// What the agent says is English, also where the page speaks another language: marked as such, for whoever reads it out
// or translates it. Where it comes with a kind that the page knows, that is said first, and the original below it.
import { printable } from "../format/printable.ts";
import { language } from "../i18n/language.ts";

/** A sentence of the agent. */
export function Said({ children }: { children: string }) {
  return <span lang="en">{printable(children)}</span>;
}

/** A sentence of the agent, behind what the page's language says of its kind, if it says anything. */
export function SaidInShort({ short, children }: { short: string | undefined; children: string }) {
  if (short === undefined || language.value === "en") return <Said>{children}</Said>;
  return (
    <>
      {short}{" "}
      <span lang="en" class="original">
        {printable(children)}
      </span>
    </>
  );
}
