// @vitest-environment happy-dom
import fc from "fast-check";
import { beforeEach, expect, test, vi } from "vitest";
import { address, change, changed, changeSoon, go, pathOf, place } from "../src/router/place.ts";
import { match, ROUTES, routeOf } from "../src/router/routes.tsx";

beforeEach(() => go("/ui/"));

test("paths lead to their views", () => {
  const name = (path: string) => routeOf(path)?.route.name;
  expect(name("/")).toBe("overview");
  expect(name("/timeline/")).toBe("timeline");
  expect(routeOf("/targets/42-7")).toMatchObject({ route: { name: "target" }, parameters: { id: "42-7" } });
  expect(routeOf("/findings/ab")).toMatchObject({ route: { name: "findings" }, parameters: { id: "ab" } });
  expect([name("/nothing"), name("/targets/"), name("/targets/a/b"), name("/targets/%zz")]).toEqual(
    Array(4).fill(undefined),
  );
});

test("any id survives its address", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (id) => {
      expect(match("/targets/:id", `/targets/${encodeURIComponent(id)}`)).toEqual({ id });
    }),
  );
});

test("only paths of the page are its own", () => {
  expect([pathOf("/ui"), pathOf("/ui/"), pathOf("/ui/board")]).toEqual(["/", "/", "/board"]);
  expect([pathOf("/uinot"), pathOf("/metrics"), pathOf("/")]).toEqual([undefined, undefined, undefined]);
});

test("filters are in the address, and empty ones are not", () => {
  go(address("/findings", { q: "a&b", state: undefined, severity: "" }));
  expect(location.search).toBe("?q=a%26b");
  change({ state: "all" });
  expect([place.value.query.get("q"), place.value.query.get("state")]).toEqual(["a&b", "all"]);
  expect(changed({ q: undefined })).toBe("/ui/findings?state=all");
});

test("what is typed into a filter does not fill the history", () => {
  const before = history.length;
  change({ q: "s" }, "replace");
  change({ q: "sh" }, "replace");
  expect(history.length).toBe(before);
  change({ sort: "name" });
  expect(history.length).toBe(before + 1);
});

test("what moves with the pointer is in the address once it is still, and does not fill the history", () => {
  vi.useFakeTimers();
  go(address("/targets/1/map", { q: "a" }));
  const before = history.length;
  for (const view of ["2_0.1_0.1", "3_0.2_0.2"]) changeSoon({ view });
  expect(location.search).toBe("?q=a");
  vi.runAllTimers();
  expect(location.search).toBe("?q=a&view=3_0.2_0.2");
  expect(history.length).toBe(before);
  changeSoon({ view: "4_0.2_0.2" });
  change({ q: "b" });
  expect(location.search).toBe("?q=b&view=4_0.2_0.2");
  vi.useRealTimers();
});

test("keys of views are different", () => {
  const keys = ROUTES.flatMap(({ key }) => key ?? []);
  expect(new Set(keys).size).toBe(keys.length);
});
