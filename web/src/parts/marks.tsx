// Severity and state of findings: a shape and a word, never a colour alone.
import type { Finding, Severity } from "../api/findings.ts";
import { printable } from "../format/printable.ts";
import { words } from "../i18n/language.ts";

const SHAPES: Readonly<Record<Severity, string>> = {
  critical: "M5 0 10 5 5 10 0 5z",
  warning: "M5 .6 9.8 9.4H.2z",
  info: "M5 1a4 4 0 1 1 0 8 4 4 0 0 1 0-8z",
};

export function SeverityMark({ severity }: { severity: Severity }) {
  return (
    <svg
      class={`severity-mark ${severity}`}
      viewBox="0 0 10 10"
      role="img"
      aria-label={words.value.severity[severity]}
    >
      <title>{words.value.severity[severity]}</title>
      <path d={SHAPES[severity]} />
    </svg>
  );
}

export function StateWord({ finding }: { finding: Finding }) {
  return <span class={`state ${finding.state} ${finding.severity}`}>{words.value.state[finding.state]}</span>;
}

/** The word for a kind of finding; one that the page does not know yet is shown as the agent has it. */
export function kindWord(kind: string): string {
  const known: Readonly<Record<string, string>> = words.value.kind;
  return (Object.hasOwn(known, kind) ? known[kind] : undefined) ?? printable(kind.replaceAll("_", " "));
}
