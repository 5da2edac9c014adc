// @vitest-environment happy-dom
import fc from "fast-check";
import { expect, test } from "vitest";
import { findingsPath, spanOf } from "../src/api/findings.ts";
import {
  detectionTimes,
  heatMap,
  leakingFunctions,
  resolutionTimes,
  timesOf,
} from "../src/views/board/tally.ts";
import { chosen, filterOf } from "../src/views/findings/finding_filter.ts";
import { asIssue, asText, codeSpan, inMarkdown } from "../src/views/findings/finding_text.ts";
import { aFinding, HOSTILE } from "./samples.ts";

const filter = (query: string) => filterOf(new URLSearchParams(query));
const key = (route: string | null) => ({ package: "p", route, pool: null });

test("what is worst and not over comes first", () => {
  const all = [
    aFinding({ id: "a", state: "resolved" }),
    aFinding({ id: "b", severity: "info" }),
    aFinding({ id: "c", count: 1 }),
    aFinding({ id: "d", count: 9 }),
  ];
  expect(chosen(all, filter("")).map(({ id }) => id)).toEqual(["d", "c", "b"]);
  expect(chosen(all, filter("state=all")).at(-1)?.id).toBe("a");
  expect(chosen(all, filter("severity=info&q=MAIN.leak&pid=42")).map(({ id }) => id)).toEqual(["b"]);
  expect(chosen(all, filter("q=nobody"))).toEqual([]);
  expect(chosen(all, filter("pid=4"))).toEqual([]);
  expect(chosen(all, filter("route=/report&package=example.com/shop/handlers")).length).toBe(3);
  expect(chosen(all, filter("route=/rep"))).toEqual([]);
});

test("a finding as text has its proof and its place", () => {
  const text = asText(aFinding());
  expect(text).toContain("nothing that can run reaches them");
  expect(text).toContain("main.leak at main.go:7 (12)");
  expect(text).toContain("first seen: 2023-11-14T22:13:20Z");
});

test("names cannot become markup in an issue", () => {
  const issue = asIssue(
    aFinding({
      sentence: `${HOSTILE} @everyone [x](https://example.com) | # no`,
      causes: [{ function: "`</code>`` x", file: "a.go", line: 1, count: 1, share: 1 }],
    }),
  );
  expect(issue).not.toContain(HOSTILE);
  expect(issue).not.toMatch(/@everyone|\]\(|https:/);
  expect(issue).toContain("- ``` `</code>`` x at a.go:1 (1) ```");
});

test("a code span holds whatever is in it", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("`", "a", " ", "<") }), (text) => {
      const [, fence = "", content = ""] = /^(`+)([\s\S]*)\1$/.exec(codeSpan(`x${text}x`)) ?? [];
      expect(content.match(/`+/g) ?? []).not.toContain(fence);
    }),
  );
  expect(inMarkdown("- list")).toBe("&#45; list");
});

test("the span of an address is one that there is, or none", () => {
  const of = (query: string) => spanOf(new URLSearchParams(query));
  expect([of("since=7d"), of("since=all"), of("since=8d"), of("")]).toEqual([
    "7d",
    "all",
    undefined,
    undefined,
  ]);
  expect([findingsPath(), findingsPath("30d"), findingsPath("all")]).toEqual([
    "/api/v1/findings",
    "/api/v1/findings?since=30d",
    "/api/v1/findings?since=@0",
  ]);
});

test("the map adds up findings by endpoint and package, each once and at its most", () => {
  const map = heatMap([
    aFinding({ id: "1", key: key("/a"), count: 5, severity: "info" }),
    aFinding({ id: "2", key: key("/a"), count: 3 }),
    aFinding({ id: "2", key: key("/a"), count: 7, state: "resolved" }),
    aFinding({ id: "3", key: key(null), count: 100 }),
  ]);
  expect([map.rows, map.columns]).toEqual([[null, "/a"], ["p"]]);
  expect(map.cell("/a", "p")).toEqual({ goroutines: 12, findings: 2, worst: "critical" });
  expect(map.cell("/none", "p")).toBeUndefined();
});

test("functions are those of leaks only", () => {
  const all = [
    aFinding(),
    aFinding({ state: "resolved" }),
    aFinding({ id: "2", service: "cart", state: "resolved" }),
    aFinding({ id: "3", family: "blocked" }),
  ];
  expect(leakingFunctions(all, 5)).toMatchObject([
    { goroutines: 24, findings: ["df0b43534798299f", "2"], services: ["shop", "cart"] },
  ]);
});

test("times are told of what happened, and not of what has not yet", () => {
  const resolved = aFinding({ state: "resolved", resolved_at_unix_ms: 1_700_000_090_000 });
  // Nobody saw when the one ended; the other came back and went before it fired.
  const unseen = aFinding({ state: "resolved" });
  const brief = aFinding({ state: "resolved", fired_unix_ms: null, resolved_at_unix_ms: 1_699_000_000_000 });
  expect(detectionTimes([aFinding({ state: "pending", fired_unix_ms: null })])).toBeUndefined();
  expect(resolutionTimes([unseen, brief])).toBeUndefined();
  expect(resolutionTimes([aFinding()])).toBeUndefined();
  expect(detectionTimes([aFinding(), resolved])).toMatchObject({ of: 2, median: 30_000 });
  expect(resolutionTimes([aFinding(), resolved])).toEqual({
    of: 1,
    mean: 60_000,
    median: 60_000,
    most: 60_000,
  });
  expect(timesOf([4, 1, 3, 2])).toEqual({ of: 4, mean: 2.5, median: 2.5, most: 4 });
});
