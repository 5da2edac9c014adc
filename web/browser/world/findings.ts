// What the agent has found of the demo's shop.
import type { Agent } from "./agent.ts";

/** Where the shop leaks. */
export const LEAKING = "handlers.(*reports).render";

export interface Finding {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly causes: readonly { readonly function: string }[];
}

/** How sure a kind of finding is that something has leaked; the others say no more than that goroutines are stuck. */
const SURENESS = ["growth", "leak_suspected", "leak_proven"];

/** The surest finding on the shop's leak. A machine that is too busy for a moment of rest proves nothing. */
export function foundLeak(agent: Agent): Promise<Finding> {
  return agent.until<{ findings: Finding[] }, Finding>("/api/v1/findings", ({ findings }) => {
    const all = findings.filter(
      ({ state, causes }) => state === "firing" && causes[0]?.function.includes(LEAKING),
    );
    return all.sort((a, b) => SURENESS.indexOf(b.kind) - SURENESS.indexOf(a.kind))[0];
  });
}
