// A leak as text to be pasted elsewhere: plain, or as the body of an issue. In English, since it leaves the page.
import type { Finding } from "../../api/findings.ts";
import type { Place } from "../../api/goroutine.ts";
import type { Leak } from "../../api/leaks.ts";
import { printable } from "../../format/printable.ts";
import { codeSpan, inMarkdown, iso } from "../findings/finding_text.ts";

const at = (place: Place) =>
  `${printable(place.function)} at ${printable(place.file)}${place.line === null ? "" : `:${place.line}`}`;

function facts(leak: Leak, finding: Finding | undefined): [string, string][] {
  const all: [string, string | null][] = [
    ["verdict", leak.verdict],
    ["goroutines", String(leak.count)],
    ["wait reason", leak.wait_reason],
    ["violated boundary", leak.boundary],
    ["retained bytes", leak.retained_bytes === null ? null : String(leak.retained_bytes)],
    ["first seen", finding ? iso(finding.first_seen_unix_ms) : null],
    ["started at", leak.created_by && at(leak.created_by)],
    ["object made at", leak.made_at && at(leak.made_at)],
    ["fingerprint", leak.fingerprint],
  ];
  return all.flatMap(([name, value]): [string, string][] =>
    value === null ? [] : [[name, printable(value)]],
  );
}

/** Plain text, a line for everything. */
export function leakAsText(leak: Leak, finding?: Finding): string {
  const lines = [
    printable(leak.sentence),
    "",
    ...facts(leak, finding).map(([name, value]) => `${name}: ${value}`),
    "",
    "Why:",
    ...leak.evidence.map((step, index) => `  ${index + 1}. ${printable(step)}`),
    "",
    "Stack, innermost first:",
    ...leak.stack.map((place) => `  ${at(place)}`),
  ];
  if (leak.fix) lines.push("", `Fix: ${printable(leak.fix)}`);
  return `${lines.join("\n")}\n`;
}

/** The body of an issue, in Markdown. */
export function leakAsIssue(leak: Leak, finding?: Finding): string {
  const lines = [
    inMarkdown(leak.sentence),
    "",
    "| | |",
    "|---|---|",
    ...facts(leak, finding).map(([name, value]) => `| ${name} | ${inMarkdown(value)} |`),
    "",
    "### Why",
    "",
    ...leak.evidence.map((step, index) => `${index + 1}. ${inMarkdown(step)}`),
    "",
    "### Stack, innermost first",
    "",
    ...leak.stack.map((place) => `- ${codeSpan(at(place))}`),
  ];
  if (leak.fix) lines.push("", "### What would mend it", "", inMarkdown(leak.fix));
  return `${lines.join("\n")}\n`;
}
