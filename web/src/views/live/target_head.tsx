// Which process it is, and the way between its views.
import "./live.css";
import type { ComponentChildren } from "preact";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";
import { targetSource, useSource } from "../../polling/sources.ts";
import { address, wordOf } from "../../router/place.ts";
import type { ViewName } from "../../router/routes.tsx";

const TABS: readonly (readonly [ViewName, string])[] = [
  ["target", ""],
  ["map", "/map"],
  ["goroutines", "/goroutines"],
  ["stacks", "/stacks"],
  ["scheduler", "/scheduler"],
  ["leaks", "/leaks"],
];

/** The address of a view of a target; what is filtered for stays. */
export function targetAddress(
  id: string,
  rest: string,
  q: string | null | undefined = wordOf("q").value,
): string {
  return address(`/targets/${encodeURIComponent(id)}${rest}`, { q: q ?? undefined });
}

/** The views of a target. */
export function TargetTabs({ id, here }: { id: string; here: ViewName }) {
  const { nav, live } = words.value;
  return (
    <nav class="tabs" aria-label={live.tabs}>
      {TABS.map(([name, rest]) => (
        <a key={name} href={targetAddress(id, rest)} aria-current={name === here ? "page" : undefined}>
          {nav[name]}
        </a>
      ))}
    </nav>
  );
}

export function TargetHead({
  id,
  here,
  children,
}: {
  id: string;
  here: ViewName;
  children?: ComponentChildren;
}) {
  const { nav } = words.value;
  const { data } = useSource(targetSource(id));
  return (
    <>
      <div class="view-head live-head">
        <h1>{data ? printable(data.name) : nav[here]}</h1>
        {data && <span class="dim">{data.pid}</span>}
        {children}
      </div>
      <TargetTabs id={id} here={here} />
    </>
  );
}
