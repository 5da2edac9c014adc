// Keys of the whole page: `g` and a letter goes to a view, `/` to the filter, j and k through a list, `?` helps.
import { signal } from "@preact/signals";
import { address, go } from "../router/place.ts";
import { ROUTES } from "../router/routes.tsx";

/** Whether the help is open. */
export const helpIsOpen = signal(false);

/** A letter after `g` counts for so long. */
const LETTER_WITHIN_MS = 1_500;

/** Lists whose rows j and k go through mark the link of each row with this. */
export const ROW = "[data-row]";
/** The field that `/` goes to. */
export const FILTER = "[data-filter]";

function isTyping(element: EventTarget | null): boolean {
  return (
    element instanceof HTMLInputElement ||
    element instanceof HTMLTextAreaElement ||
    element instanceof HTMLSelectElement
  );
}

function moveInList(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>(`main ${ROW}`)];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = rows[at === -1 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function toFilter(): boolean {
  const field = document.querySelector<HTMLInputElement>(`main ${FILTER}`);
  field?.focus();
  field?.select();
  return field !== null;
}

let wentAtMs = Number.NEGATIVE_INFINITY;

function toView(letter: string): boolean {
  const route = ROUTES.find(({ key }) => key === letter);
  if (!route) return false;
  go(address(route.patterns[0] ?? "/"));
  return true;
}

/** Does what a key means; whether it meant something. */
function act(key: string): boolean {
  const afterG = performance.now() - wentAtMs < LETTER_WITHIN_MS;
  wentAtMs = Number.NEGATIVE_INFINITY;
  if (afterG && toView(key)) return true;
  switch (key) {
    case "g":
      wentAtMs = performance.now();
      return true;
    case "?":
      helpIsOpen.value = true;
      return true;
    case "/":
      return toFilter();
    case "j":
      moveInList(1);
      return true;
    case "k":
      moveInList(-1);
      return true;
    default:
      return false;
  }
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  // An open dialog has the keys to itself.
  if (document.querySelector("dialog[open]")) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape") (event.target as HTMLElement).blur();
    return;
  }
  if (act(event.key)) event.preventDefault();
}

export function startShortcuts(): void {
  addEventListener("keydown", onKey);
}
