// Starts the page.
import { effect } from "@preact/signals";
import { render } from "preact";
import { language } from "./i18n/language.ts";
import { startShortcuts } from "./keyboard/shortcuts.ts";
import { Page } from "./layout/page.tsx";
import { startClock } from "./polling/clock.ts";
import { poller } from "./polling/sources.ts";
import { startRouter } from "./router/place.ts";
import { startTheme } from "./theme/theme.ts";
import "./theme/palette.css";
import "./theme/base.css";
import "./theme/parts.css";
import "./layout/layout.css";

startTheme();
startRouter();
startClock();
startShortcuts();
effect(() => {
  document.documentElement.lang = language.value === "zh" ? "zh-Hans" : "en";
});
document.addEventListener("visibilitychange", () => poller.pause(document.hidden));
addEventListener("online", () => poller.retry());

const root = document.getElementById("page");
if (root) render(<Page />, root);
