// @vitest-environment happy-dom
// The board says what it is made of, and leads to the very findings that it counts.
import { render } from "preact";
import { afterEach, expect, test, vi } from "vitest";
import { place } from "../src/router/place.ts";
import Board from "../src/views/board/board.tsx";
import { findingJson, HOSTILE } from "./samples.ts";

const asked: string[] = [];

function answer(findings: object[], past: object | null): void {
  const body = JSON.stringify({ findings, past, silences: [], sinks: [] });
  vi.stubGlobal("fetch", (path: string) => {
    asked.push(path);
    return Promise.resolve(new Response(body, { headers: { "content-type": "application/json" } }));
  });
}

async function shown(query: string): Promise<HTMLElement> {
  place.value = { path: "/board", query: new URLSearchParams(query) };
  const root = document.createElement("div");
  document.body.append(root);
  render(<Board />, root);
  await vi.waitFor(() => expect(root.querySelector("section, .empty")).not.toBeNull());
  return root;
}

afterEach(() => {
  document.body.replaceChildren();
  asked.length = 0;
});

const past = {
  since_ms: 1_690_000_000_000,
  until_ms: 1_700_000_000_000,
  reaches_back_to_ms: 1_699_000_000_000,
  left_out: 0,
};
const route = { package: HOSTILE, route: HOSTILE, pool: null };
const over = { state: "resolved", resolved_at_unix_ms: 1_700_000_090_000, key: route };

test("a range of the address is asked for, and every count leads to what it counts", async () => {
  const again = { ...over, began_unix_ms: 1_600_000_000_000, fired_unix_ms: 1_600_000_010_000 };
  answer([findingJson(over), findingJson({ ...again, resolved_at_unix_ms: 1_600_000_040_000 })], past);
  const root = await shown("since=30d");
  expect(asked).toEqual(["/api/v1/findings?since=30d"]);
  const text = root.textContent ?? "";
  expect(text).toContain("Of 1 finding of this time, which came 2 times in all.");
  expect(text).toContain("The history reaches back to");
  expect(text).toContain("The range begins before that");
  // Detected in 30 s and in 10 s, resolved in 60 s and in 30 s.
  expect(text).toMatch(/20 s median.*longest 30 s.*45 s median.*longest 60 s/);
  const links = [...root.querySelectorAll("a")].map((link) => new URL(link.href, "http://a"));
  expect(links.length).toBeGreaterThan(2);
  for (const link of links) {
    expect(link.searchParams.get("since")).toBe("30d");
    expect(link.searchParams.get("state")).toMatch(/all|resolved/);
  }
  expect(links.some((link) => link.searchParams.get("route") === HOSTILE)).toBe(true);
  expect(root.querySelectorAll("img, script, [onerror]")).toHaveLength(0);
  expect(root.querySelector('[aria-pressed="true"]')?.textContent).toBe("30 d");
});

test("an agent without a history, and findings that have no room, are said", async () => {
  answer([findingJson()], { ...past, reaches_back_to_ms: null, left_out: 1_234 });
  const root = await shown("since=all");
  expect(asked).toEqual(["/api/v1/findings?since=@0"]);
  expect(root.textContent).toContain("The agent keeps no history");
  expect(root.textContent).toContain("1,234 more findings of this time could not be listed.");
});
