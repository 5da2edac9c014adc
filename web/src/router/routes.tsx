// Every view: its path, its name, its key after `g`, and where its code is. A new view is a new entry here.
import type { ComponentType } from "preact";

/** What a view gets: the parts of its path. */
export interface ViewProps {
  readonly parameters: Readonly<Record<string, string>>;
}

export type ViewName =
  | "overview"
  | "target"
  | "timeline"
  | "findings"
  | "board"
  | "map"
  | "goroutines"
  | "goroutine"
  | "stacks"
  | "scheduler"
  | "leaks";

export interface Route {
  readonly name: ViewName;
  /** Parts that begin with a colon stand for anything. */
  readonly patterns: readonly string[];
  /** The letter that leads there after `g`; views without one are reached from others. */
  readonly key?: string;
  readonly load: () => Promise<{ readonly default: ComponentType<ViewProps> }>;
}

export const ROUTES: readonly Route[] = [
  { name: "overview", patterns: ["/"], key: "o", load: () => import("../views/overview/overview.tsx") },
  { name: "target", patterns: ["/targets/:id"], load: () => import("../views/target/target.tsx") },
  {
    name: "timeline",
    patterns: ["/timeline"],
    key: "t",
    load: () => import("../views/timeline/timeline.tsx"),
  },
  {
    name: "findings",
    patterns: ["/findings", "/findings/:id"],
    key: "f",
    load: () => import("../views/findings/findings_view.tsx"),
  },
  { name: "board", patterns: ["/board"], key: "b", load: () => import("../views/board/board.tsx") },
  { name: "map", patterns: ["/targets/:id/map"], load: () => import("../views/map/map_view.tsx") },
  {
    name: "goroutines",
    patterns: ["/targets/:id/goroutines"],
    load: () => import("../views/goroutines/goroutines_view.tsx"),
  },
  {
    name: "goroutine",
    patterns: ["/targets/:id/goroutines/:goid"],
    load: () => import("../views/goroutine/goroutine_view.tsx"),
  },
  {
    name: "stacks",
    patterns: ["/targets/:id/stacks"],
    load: () => import("../views/stacks/stacks_view.tsx"),
  },
  {
    name: "scheduler",
    patterns: ["/targets/:id/scheduler"],
    load: () => import("../views/scheduler/scheduler_view.tsx"),
  },
  { name: "leaks", patterns: ["/targets/:id/leaks"], load: () => import("../views/leaks/leaks_view.tsx") },
];

/** The parts of a path that a pattern names, or `undefined` if it is another path. */
export function match(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split("/"), path.replace(/(.)\/$/, "$1").split("/")];
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const said = given[index] ?? "";
    if (!part.startsWith(":")) {
      if (part !== said) return undefined;
      continue;
    }
    try {
      parameters[part.slice(1)] = decodeURIComponent(said);
    } catch {
      return undefined;
    }
    if (said === "") return undefined;
  }
  return parameters;
}

/** The view of a path, with the parts of the path that it names. */
export function routeOf(path: string): { route: Route; parameters: Record<string, string> } | undefined {
  for (const route of ROUTES) {
    for (const pattern of route.patterns) {
      const parameters = match(pattern, path);
      if (parameters) return { route, parameters };
    }
  }
  return undefined;
}
