// Buttons that copy texts. Where the browser lets no page copy, the text is shown to be copied by hand.
import { useState } from "preact/hooks";
import { words } from "../i18n/language.ts";
import { Dialog } from "./dialog.tsx";

export interface Copyable {
  readonly name: string;
  readonly text: () => string;
}

export function CopyButtons({ texts }: { texts: readonly Copyable[] }) {
  const { says } = words.value;
  const [copied, setCopied] = useState(false);
  const [byHand, setByHand] = useState<{ name: string; text: string }>();
  const copy = async ({ name, text }: Copyable) => {
    setCopied(false);
    try {
      await navigator.clipboard.writeText(text());
      setCopied(true);
    } catch {
      setByHand({ name, text: text() });
    }
  };
  return (
    <>
      {texts.map((one) => (
        <button key={one.name} type="button" onClick={() => copy(one)}>
          {one.name}
        </button>
      ))}
      <span role="status" class="dim small">
        {copied ? says.copied : ""}
      </span>
      {byHand && (
        <Dialog title={byHand.name} onClose={() => setByHand(undefined)}>
          <p>{says.copyYourself}</p>
          <textarea
            readOnly
            rows={16}
            value={byHand.text}
            onFocus={(event) => event.currentTarget.select()}
          />
        </Dialog>
      )}
    </>
  );
}
