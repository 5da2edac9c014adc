// What is chosen on the map, as a filter for all other views.
import type { Column } from "../../live/cells/grid.ts";
import { ROWS } from "../../live/cells/grid.ts";
import { quoted } from "../../live/filter/text.ts";
import type { ShownCluster, Tick } from "../../live/messages.ts";
import type { Block } from "./geometry.ts";

function columnTerm(column: Column, all: readonly Column[]): string {
  if (column.kind === "status") return `state=${quoted(column.name)}`;
  if (column.kind === "reason") return `reason=${quoted(column.name)}`;
  if (column.kind === "runtime") return "runtime and state=waiting";
  // All that has no column of its own.
  const named = all.filter(({ kind }) => kind !== "others").map((other) => columnTerm(other, all));
  return `not (${named.join(" or ")})`;
}

function either(terms: readonly string[]): string {
  return terms.length === 1 ? (terms[0] ?? "") : `(${terms.join(" or ")})`;
}

function rowTerm(ps: readonly number[]): string {
  const real = ps.filter((p) => p >= 0).sort((a, b) => a - b);
  const [first, last] = [real[0], real.at(-1)];
  const terms: string[] = [];
  if (first !== undefined && last !== undefined) {
    // The last row has all further Ps.
    if (last === ROWS - 1) terms.push(`p>=${first}`);
    else terms.push(first === last ? `p=${first}` : `p>=${first} and p<=${last}`);
  }
  if (ps.includes(-1)) terms.push("not p>=0");
  return either(terms);
}

/** The filter that lets through what is in these blocks; empty for none. */
export function filterOf(blocks: readonly Block[], columns: readonly Column[]): string {
  if (blocks.length === 0) return "";
  const chosen = [...new Set(blocks.map(({ meaning }) => meaning.column))];
  const terms = chosen.flatMap((number) => {
    const column = columns[number];
    return column ? [columnTerm(column, columns)] : [];
  });
  const ps = [...new Set(blocks.map(({ meaning }) => meaning.p))];
  return `${either(terms)} and ${rowTerm(ps)}`;
}

/** Since when the oldest goroutine of a cluster waits, Unix milliseconds; `undefined` if none is known to wait. */
export function sinceOf(tick: Tick, cluster: number): number | undefined {
  const age = tick.clusterAges[cluster] ?? -1;
  return age < 0 ? undefined : tick.atUnixMs - age;
}

/** The cluster that has a colour. */
export function clusterOf(
  colour: number,
  colours: readonly number[],
  clusters: readonly ShownCluster[],
): ShownCluster | undefined {
  return colour <= 0 ? undefined : clusters[colours.indexOf(colour)];
}
