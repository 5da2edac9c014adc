// The filter of a view: what is typed is in the address at once, and `/` leads here.
import { words } from "../i18n/language.ts";
import { address, change, go, place } from "../router/place.ts";

/** What is filtered for, in lower case. */
export function filterText(): string {
  return (place.value.query.get("q") ?? "").trim().toLowerCase();
}

/** Whether all words of a filter are in some of the texts. */
export function matches(filter: string, texts: readonly (string | null)[]): boolean {
  const all = texts.join("\n").toLowerCase();
  return filter.split(/\s+/).every((word) => all.includes(word));
}

export function FilterField({ hint }: { hint: string }) {
  return (
    <input
      type="search"
      class="filter"
      data-filter
      aria-label={hint}
      placeholder={hint}
      spellcheck={false}
      autocomplete="off"
      value={place.value.query.get("q") ?? ""}
      onInput={(event) => change({ q: event.currentTarget.value }, "replace")}
    />
  );
}

/** Said when a filter leaves nothing. */
export function NothingMatches() {
  const { says } = words.value;
  return (
    <div class="empty">
      <p class="empty-title">{says.nothingMatches}</p>
      <button type="button" onClick={() => go(address(place.value.path))}>
        {says.clearFilter}
      </button>
    </div>
  );
}
