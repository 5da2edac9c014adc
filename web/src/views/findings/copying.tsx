// Copying a finding. Where the browser lets no page copy, the text is shown to be copied by hand.
import { useState } from "preact/hooks";
import type { Finding } from "../../api/findings.ts";
import { words } from "../../i18n/language.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { asIssue, asText } from "./finding_text.ts";

export function Copying({ finding }: { finding: Finding }) {
  const { findings, says } = words.value;
  const [copied, setCopied] = useState(false);
  const [byHand, setByHand] = useState<string>();
  const copy = async (text: string) => {
    setCopied(false);
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      setByHand(text);
    }
  };
  return (
    <>
      <button type="button" onClick={() => copy(asText(finding))}>
        {findings.copyText}
      </button>
      <button type="button" onClick={() => copy(asIssue(finding))}>
        {findings.copyIssue}
      </button>
      <span role="status" class="dim small">
        {copied ? says.copied : ""}
      </span>
      {byHand !== undefined && (
        <Dialog title={findings.copyText} onClose={() => setByHand(undefined)}>
          <p>{says.copyYourself}</p>
          <textarea readOnly rows={16} value={byHand} onFocus={(event) => event.currentTarget.select()} />
        </Dialog>
      )}
    </>
  );
}
