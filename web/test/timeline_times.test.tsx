// @vitest-environment happy-dom
// A time of which nothing is known is said, with the ways out of it, and is not asked for again and again.
import { render } from "preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { PastProcesses } from "../src/api/history.ts";
import { english } from "../src/i18n/english.ts";
import { place } from "../src/router/place.ts";
import { isUnknown, knownTimes } from "../src/views/timeline/known.ts";
import Timeline from "../src/views/timeline/timeline.tsx";

const { timeline } = english;
const NOW_MS = 1_700_000_000_000;

function processJson(id: string, first_seen_ms: number, last_seen_ms: number, ended_ms: number | null) {
  return {
    id,
    pid: Number(id.split("-")[0]),
    name: "shop",
    executable: "/srv/shop-bin",
    go_version: "go1.27.4",
    module: "example.com/modules/shop-module",
    module_version: null,
    container: null,
    labels: { "service.name": "till" },
    first_seen_ms,
    last_seen_ms,
    ended_ms,
    ended: ended_ms === null ? null : "exited",
    goroutines: null,
  };
}

const listed = (...processes: object[]) =>
  ({
    processes: processes.map((one) => ({ ...one, labels: new Map([["service.name", "till"]]) })),
    left_out: 0,
  }) as unknown as PastProcesses;

test("what is known of a name is of all that have it, up to now if one goes on", () => {
  const past = listed(processJson("1-1", 1_000, 2_000, 2_000), processJson("2-2", 5_000, 6_000, null));
  for (const name of ["shop", "shop-bin", "shop-module", "example.com/modules/shop-module", "till"]) {
    expect(knownTimes(past, name)).toEqual({ fromMs: 1_000, toMs: undefined });
  }
  expect(knownTimes(past, "1-1")).toEqual({ fromMs: 1_000, toMs: 2_000 });
  expect(knownTimes(past, "2")).toEqual({ fromMs: 5_000, toMs: undefined });
  expect([knownTimes(past, "cart"), knownTimes(past, ""), knownTimes(undefined, "till")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("a time is unknown only if that is sure", () => {
  const past = listed(processJson("1-1", 1_000, 2_000, 2_000), processJson("2-2", 5_000, 6_000, null));
  expect(isUnknown(past, "till", 0, 1_000)).toBe(true);
  expect(isUnknown(past, "till", 0, 1_001)).toBe(false);
  expect(isUnknown(past, "till", 2_001, 5_000)).toBe(true);
  expect(isUnknown(past, "till", 2_000, 5_000)).toBe(false);
  // Who goes on may have been seen since the list was made.
  expect(isUnknown(past, "till", 90_000, 99_000)).toBe(false);
  expect(isUnknown(past, "cart", 0, 1)).toBe(false);
  expect(isUnknown({ ...past, left_out: 1 }, "till", 0, 1)).toBe(false);
  expect(isUnknown(undefined, "till", 0, 1)).toBe(false);
});

const asked: string[] = [];

beforeEach(() => {
  const body = JSON.stringify({
    processes: [processJson("42-7", NOW_MS, NOW_MS + 60_000, NOW_MS + 60_000)],
    left_out: 0,
    targets: [],
  });
  vi.stubGlobal("fetch", (path: string) => {
    asked.push(path);
    return Promise.resolve(new Response(body, { headers: { "content-type": "application/json" } }));
  });
});

afterEach(() => {
  document.body.replaceChildren();
  asked.length = 0;
});

test("a range from before a process was known has its controls, a way out, and asks nothing", async () => {
  const before = NOW_MS / 1_000 - 7_200;
  const query = `target=42-7&since=@${before}&until=@${before + 60}`;
  place.value = { path: "/timeline", query: new URLSearchParams(query) };
  const root = document.createElement("div");
  document.body.append(root);
  render(<Timeline />, root);
  await vi.waitFor(() => expect(root.textContent).toContain(timeline.nothing));
  expect(root.querySelectorAll("[role=alert]")).toHaveLength(0);
  expect(root.querySelectorAll(".controls select").length).toBeGreaterThan(2);
  const said = [...root.querySelectorAll("button")].map((button) => button.textContent);
  expect(said).toEqual(expect.arrayContaining([timeline.zoomOut, timeline.backToNow, timeline.goToKnown]));
  expect(asked.filter((path) => /history|marks/.test(path))).toEqual([]);
  [...root.querySelectorAll("button")].find(({ textContent }) => textContent === timeline.goToKnown)?.click();
  const there = new URLSearchParams(location.search);
  expect([there.get("since"), there.get("until")]).toEqual([`@${NOW_MS / 1_000}`, `@${NOW_MS / 1_000 + 61}`]);
});
