// A finding as text to be pasted elsewhere: plain, or as the body of an issue. In English, since it leaves the page.
import type { Finding } from "../../api/findings.ts";
import { printable } from "../../format/printable.ts";

/** A moment as texts have it that leave the page. */
export const iso = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

/** What is known by its name: `service: shop`. */
function facts(finding: Finding): [string, string][] {
  const { key } = finding;
  const all: [string, string | null][] = [
    ["service", finding.service],
    ["environment", finding.environment],
    ["package", key.package],
    ["route", key.route],
    ["pool", key.pool],
    ["state", finding.state],
    ["severity", finding.severity],
    ["goroutines", `${finding.count} (${finding.count_max} at most)`],
    ["growth", finding.per_minute === null ? null : `${finding.per_minute.toFixed(1)} per minute`],
    ["first seen", iso(finding.first_seen_unix_ms)],
    ["resolved", finding.resolved_at_unix_ms === null ? null : iso(finding.resolved_at_unix_ms)],
    ["finding", finding.id],
  ];
  return all.flatMap(([name, value]): [string, string][] =>
    value === null ? [] : [[name, printable(value)]],
  );
}

function places(finding: Finding): string[] {
  const causes = finding.causes.map(
    (cause) => `${printable(cause.function)} at ${printable(cause.file)}:${cause.line} (${cause.count})`,
  );
  return finding.causes_more > 0 ? [...causes, `and ${finding.causes_more} more places`] : causes;
}

/** Plain text, a line for everything. */
export function asText(finding: Finding): string {
  const lines = [
    printable(finding.sentence),
    "",
    ...facts(finding).map(([name, value]) => `${name}: ${value}`),
    "",
    "Evidence:",
    ...finding.evidence.map((line) => `  - ${printable(line)}`),
    "",
    "Where:",
    ...places(finding).map((place) => `  - ${place}`),
  ];
  if (finding.fix) lines.push("", `Fix: ${printable(finding.fix)}`);
  return `${lines.join("\n")}\n`;
}

/** Text in which Markdown and HTML mean nothing: every character that could mean something is escaped. */
export function inMarkdown(text: string): string {
  return printable(text)
    .replace(/[\\`*_{}[\]()#+!|~<>&@:]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/^([-=]|\d+\.)/, (start) => `&#${start.charCodeAt(0)};${start.slice(1)}`);
}

/** A code span that its content cannot leave. */
export function codeSpan(text: string): string {
  const content = printable(text);
  const runs = content.match(/`+/g) ?? [];
  const fence = "`".repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
  const pad = content.startsWith("`") || content.endsWith("`") ? " " : "";
  return `${fence}${pad}${content}${pad}${fence}`;
}

/** The body of an issue, in Markdown. */
export function asIssue(finding: Finding): string {
  const lines = [
    inMarkdown(finding.sentence),
    "",
    "| | |",
    "|---|---|",
    ...facts(finding).map(([name, value]) => `| ${name} | ${inMarkdown(value)} |`),
    "",
    "### Evidence",
    "",
    ...finding.evidence.map((line) => `- ${inMarkdown(line)}`),
    "",
    "### Where",
    "",
    ...places(finding).map((place) => `- ${codeSpan(place)}`),
  ];
  if (finding.fix) lines.push("", "### What would mend it", "", inMarkdown(finding.fix));
  return `${lines.join("\n")}\n`;
}
