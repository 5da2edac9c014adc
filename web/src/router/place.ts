// Where the user is: a path under /ui/ and a query that holds every filter, so that an address shows what was seen.
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { BASE } from "./base.ts";

export interface Place {
  /** The path without the base: `/`, `/targets/42-7`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** The path of an address without the base, or `undefined` if it is none of the page's. */
export function pathOf(pathname: string): string | undefined {
  if (pathname === BASE) return "/";
  return pathname.startsWith(`${BASE}/`) ? pathname.slice(BASE.length) : undefined;
}

function here(): Place {
  return { path: pathOf(location.pathname) ?? "/", query: new URLSearchParams(location.search) };
}

/** The place that is shown. */
export const place = signal<Place>(here());

/** Its path alone: who reads this is not drawn anew when only a filter changes. */
export const path = computed(() => place.value.path);

const words = new Map<string, ReadonlySignal<string | undefined>>();

/** A word of its query alone: who reads this is not drawn anew when others change. */
export function wordOf(name: string): ReadonlySignal<string | undefined> {
  const known = words.get(name);
  if (known) return known;
  const word = computed(() => place.value.query.get(name) ?? undefined);
  words.set(name, word);
  return word;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/** The address of a path with a query. Empty and undefined parts are left out. */
export function address(path: string, query: Query = {}): string {
  const parts = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") parts.set(key, String(value));
  }
  const text = parts.toString();
  return `${BASE}${path}${text ? `?${text}` : ""}`;
}

/** The address of the current place with parts of its query changed; `undefined` takes one away. */
export function changed(changes: Query): string {
  const query = Object.fromEntries(place.value.query);
  return address(place.value.path, { ...query, ...changes });
}

/** What moves with the pointer is put into the address once it has been still for so long. */
const SETTLED_MS = 800;
let unsettled: Query = {};
let movedAtMs = 0;
let settling: ReturnType<typeof setTimeout> | undefined;

/** Puts what has been changed into the address now. */
function settle(): void {
  const changes = unsettled;
  forgetUnsettled();
  if (Object.keys(changes).length === 0) return;
  const to = changed(changes);
  if (to === location.pathname + location.search) return;
  history.replaceState(history.state, "", to);
  place.value = here();
}

function forgetUnsettled(): void {
  clearTimeout(settling);
  settling = undefined;
  unsettled = {};
}

/** Another timer for each move of a pointer would cost more than the move. */
function settleIfStill(): void {
  const leftMs = movedAtMs + SETTLED_MS - performance.now();
  if (leftMs > 0) settling = setTimeout(settleIfStill, leftMs);
  else settle();
}

/** Changes parts of the query of the current place as soon as they have stopped changing. */
export function changeSoon(changes: Query): void {
  unsettled = { ...unsettled, ...changes };
  movedAtMs = performance.now();
  settling ??= setTimeout(settleIfStill, SETTLED_MS);
}

/** Goes to an address of this page. A replaced place cannot be gone back to: for what changes as one types. */
export function go(to: string, how: "push" | "replace" = "push"): void {
  if (how === "push") {
    history.replaceState({ scrollY }, "");
    history.pushState({ scrollY: 0 }, "", to);
  } else {
    history.replaceState(history.state, "", to);
  }
  const before = place.value.path;
  place.value = here();
  if (how === "push" && place.value.path !== before) scrollTo(0, 0);
}

/** Changes parts of the query of the current place. */
export function change(changes: Query, how: "push" | "replace" = "push"): void {
  settle();
  go(changed(changes), how);
}

function scrollOf(state: unknown): number {
  const y = typeof state === "object" && state !== null ? Reflect.get(state, "scrollY") : undefined;
  return typeof y === "number" ? y : 0;
}

/** Clicks on links of this page go without loading it anew; those that open elsewhere are left alone. */
function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute("download")) return;
  if (link.origin !== location.origin || pathOf(link.pathname) === undefined) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  // Whoever comes back finds what was seen.
  settle();
  go(link.pathname + link.search);
}

/** Starts following links and the browser's back and forward. */
export function startRouter(): void {
  history.scrollRestoration = "manual";
  addEventListener("click", follow);
  addEventListener("pagehide", settle);
  addEventListener("popstate", (event) => {
    forgetUnsettled();
    place.value = here();
    // What was seen before is drawn from answers that are kept, in the next frame.
    requestAnimationFrame(() => scrollTo(0, scrollOf(event.state)));
  });
}
