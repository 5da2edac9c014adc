// The frame of every view: navigation, how it stands with the agent, the view itself, dialogs.
import { useEffect, useRef } from "preact/hooks";
import { words } from "../i18n/language.ts";
import { HelpDialog } from "../keyboard/help_dialog.tsx";
import { poller } from "../polling/sources.ts";
import { path as shownPath } from "../router/place.ts";
import { routeOf } from "../router/routes.tsx";
import { Login } from "../views/login/login.tsx";
import { ConnectionBanner } from "./connection_banner.tsx";
import { LoadedView } from "./loaded_view.tsx";
import { Navigation } from "./navigation.tsx";

/** After going to another path, reading goes on at the new view: where a browser would begin with a new page. */
function useFocusOnNewPath(path: string) {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return main;
}

export function Page() {
  const path = shownPath.value;
  const found = routeOf(path);
  const main = useFocusOnNewPath(found?.route.name ?? path);
  const login = poller.connection.value.kind === "login";
  return (
    <div class="page">
      <a class="skip" href="#view">
        {words.value.nav.skip}
      </a>
      <Navigation here={found?.route.name} />
      <main id="view" ref={main} tabIndex={-1}>
        <ConnectionBanner />
        {login ? <Login /> : <LoadedView found={found} />}
      </main>
      <HelpDialog />
    </div>
  );
}
