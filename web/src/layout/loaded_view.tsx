// Loads the code of a view when it is first gone to.
import { type Signal, signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { words } from "../i18n/language.ts";
import { Empty, Loading } from "../parts/notices.tsx";
import { address } from "../router/place.ts";
import type { Route, routeOf, ViewProps } from "../router/routes.tsx";

type Code = ComponentType<ViewProps> | "loading" | "failed";

const codes = new Map<string, Signal<Code>>();

function codeOf(route: Route): Signal<Code> {
  const known = codes.get(route.name);
  if (known) return known;
  const code = signal<Code>("loading");
  codes.set(route.name, code);
  route.load().then(
    (module) => {
      code.value = module.default;
    },
    () => {
      // Another try asks for the code again.
      codes.delete(route.name);
      code.value = "failed";
    },
  );
  return code;
}

export function LoadedView({ found }: { found: ReturnType<typeof routeOf> }) {
  const { says, nav } = words.value;
  const name = found?.route.name;
  useEffect(() => {
    document.title = name ? `${nav[name]} · gostat` : "gostat";
  }, [name, nav]);
  if (!found) {
    return (
      <>
        <h1>{says.noPage}</h1>
        <p>
          <a href={address("/")}>{says.toOverview}</a>
        </p>
      </>
    );
  }
  const View = codeOf(found.route).value;
  if (View === "loading") return <Loading />;
  if (View === "failed") {
    return (
      <>
        <h1>{nav[found.route.name]}</h1>
        <Empty title={says.viewFailed}>
          <button type="button" onClick={() => location.reload()}>
            {says.reload}
          </button>
        </Empty>
      </>
    );
  }
  return <View parameters={found.parameters} />;
}
