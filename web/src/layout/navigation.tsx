// Where one can go, and how the page looks.
import { LANGUAGES, type Language, language, speak, words } from "../i18n/language.ts";
import { helpIsOpen } from "../keyboard/shortcuts.ts";
import { findingsSource, useSource } from "../polling/sources.ts";
import { address } from "../router/place.ts";
import { ROUTES, type ViewName } from "../router/routes.tsx";
import { type Choice, choice, setChoice } from "../theme/theme.ts";
import { AgentHealth } from "./agent_health.tsx";

function Firing() {
  const count =
    useSource(findingsSource).data?.findings.filter(({ state }) => state === "firing").length ?? 0;
  if (count === 0) return null;
  return (
    <span class="nav-count" title={words.value.overview.firing(count)}>
      {count}
    </span>
  );
}

function Settings() {
  const { nav } = words.value;
  return (
    <div class="settings">
      <select
        aria-label={nav.language}
        value={language.value}
        onChange={(event) => speak(event.currentTarget.value as Language)}
      >
        {Object.entries(LANGUAGES).map(([tag, name]) => (
          <option key={tag} value={tag}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={nav.theme}
        value={choice.value}
        onChange={(event) => setChoice(event.currentTarget.value as Choice)}
      >
        {Object.entries(nav.themes).map(([name, word]) => (
          <option key={name} value={name}>
            {word}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="quiet"
        aria-label={nav.help}
        title={nav.help}
        onClick={() => {
          helpIsOpen.value = true;
        }}
      >
        ?
      </button>
    </div>
  );
}

export function Navigation({ here }: { here: ViewName | undefined }) {
  const { nav } = words.value;
  return (
    <header class="side">
      <a class="brand" href={address("/")}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M3 11.5h2v1.5H3zM7 8h2v5H7zM11 3h2v10h-2z" />
        </svg>
        gostat
      </a>
      <nav aria-label={nav.label}>
        <ul>
          {ROUTES.filter(({ key }) => key).map(({ name, key, patterns }) => (
            <li key={name}>
              <a
                href={address(patterns[0] ?? "/")}
                aria-current={name === here ? "page" : undefined}
                aria-keyshortcuts={`g ${key}`}
              >
                {nav[name]}
                {name === "findings" && <Firing />}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="side-foot">
        <AgentHealth />
        <Settings />
      </div>
    </header>
  );
}
