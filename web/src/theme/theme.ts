// Dark or light: as the system has it, or as the user has chosen.
import { computed, effect, signal } from "@preact/signals";
import { remember, remembered } from "../preferences/remembered.ts";

export type Choice = "system" | "light" | "dark";

const KEY = "theme";
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(prefersDark.matches);

function chosenBefore(): Choice {
  const said = remembered(KEY);
  return said === "light" || said === "dark" ? said : "system";
}

export const choice = signal<Choice>(chosenBefore());

/** What is shown. */
export const theme = computed<"light" | "dark">(() =>
  choice.value === "system" ? (systemIsDark.value ? "dark" : "light") : choice.value,
);

export function setChoice(wanted: Choice): void {
  remember(KEY, wanted);
  choice.value = wanted;
}

export function startTheme(): void {
  prefersDark.addEventListener("change", (event) => {
    systemIsDark.value = event.matches;
  });
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
  });
}

/** A colour of the palette as it is now, for what is drawn on a canvas. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
