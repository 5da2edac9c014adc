// How many goroutines each cluster had at the last ticks: a ring of columns.
import { CLUSTERS_MAX } from "./clusters.ts";

/** Ticks that are kept: a quarter of an hour at one a second. */
export const TICKS = 900;

/** One tick: when, and how many each cluster had. */
export interface PastColumn {
  readonly atUnixMs: number;
  /** By number of cluster; clusters that came later are not in it. */
  readonly counts: Uint32Array<ArrayBuffer>;
}

export class Past {
  #columns: PastColumn[] = [];
  #next = 0;

  add(atUnixMs: number, counts: Uint32Array, clusters: number): PastColumn {
    const column = { atUnixMs, counts: counts.slice(0, Math.min(clusters, CLUSTERS_MAX)) };
    this.#columns[this.#next] = column;
    this.#next = (this.#next + 1) % TICKS;
    return column;
  }

  /** The most that each cluster had at any tick. */
  most(): Uint32Array {
    const most = new Uint32Array(CLUSTERS_MAX);
    for (const { counts } of this.#columns) {
      for (let number = 0; number < counts.length; number += 1) {
        if ((counts[number] ?? 0) > (most[number] ?? 0)) most[number] = counts[number] ?? 0;
      }
    }
    return most;
  }

  /** All columns, the oldest first. */
  all(): PastColumn[] {
    return [...this.#columns.slice(this.#next), ...this.#columns.slice(0, this.#next)];
  }
}
