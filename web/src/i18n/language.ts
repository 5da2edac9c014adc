// Which language the page speaks: `?lang=` of the address, else what was chosen before, else what the browser prefers.
import { computed, signal } from "@preact/signals";
import { remember, remembered } from "../preferences/remembered.ts";
import { chinese } from "./chinese.ts";
import { english, type Words } from "./english.ts";

export const LANGUAGES = { en: "English", zh: "中文" } as const;
export type Language = keyof typeof LANGUAGES;

const DICTIONARIES: Readonly<Record<Language, Words>> = { en: english, zh: chinese };
const KEY = "language";

/** The language that a tag such as `zh-Hant-TW` asks for, if the page speaks it. */
export function spoken(tag: string | null | undefined): Language | undefined {
  const primary = tag?.toLowerCase().split(/[-_]/)[0];
  return primary === "en" || primary === "zh" ? primary : undefined;
}

/** The first of these that the page speaks. */
export function choose(tags: readonly (string | null | undefined)[]): Language {
  for (const tag of tags) {
    const language = spoken(tag);
    if (language) return language;
  }
  return "en";
}

const asked = spoken(new URLSearchParams(location.search).get("lang"));
if (asked) remember(KEY, asked);

export const language = signal<Language>(choose([asked, remembered(KEY), ...navigator.languages]));

/** What the page says, in its language. */
export const words = computed<Words>(() => DICTIONARIES[language.value]);

export function speak(chosen: Language): void {
  remember(KEY, chosen);
  language.value = chosen;
}
