// How many goroutines there are of each cohort, cluster and status, and since when the oldest of a cluster waits.
//
// Counted anew at each tick: a million additions take some milliseconds, and are never wrong.
import type { Picture } from "./picture.ts";
import { CLUSTERS_MAX, type Clusters } from "./stacks/clusters.ts";

export class Counts {
  byCohort = new Uint32Array(0);
  /** By number of cluster. */
  readonly byCluster = new Uint32Array(CLUSTERS_MAX);
  total = 0;
  /** Those of the runtime itself, which other counts leave out. */
  ofRuntime = 0;
  /** When the oldest wait began, by cohort and by cluster: monotonic milliseconds, infinite if unknown. */
  #sinceByCohort = new Float64Array(0);
  readonly #sinceByCluster = new Float64Array(CLUSTERS_MAX);

  count(picture: Picture, clusters: Clusters): void {
    const { cohorts, cohortOf, sinceMs, places } = picture;
    this.#clear(picture);
    const [counts, oldest] = [this.byCohort, this.#sinceByCohort];
    for (let place = 0; place < places; place += 1) {
      const cohort = cohortOf[place] ?? 0;
      counts[cohort] = (counts[cohort] ?? 0) + 1;
      const since = sinceMs[place] ?? 0;
      if (since > 0 && since < (oldest[cohort] ?? 0)) oldest[cohort] = since;
    }
    counts[0] = 0;
    for (const cohort of cohorts.values()) {
      this.#add(cohort.cohort, clusters.of(cohort, picture).number);
      if (cohort.is_runtime) this.ofRuntime += counts[cohort.cohort] ?? 0;
    }
  }

  byStatus(picture: Picture): Map<string, number> {
    const byStatus = new Map<string, number>();
    for (const { cohort, status } of picture.cohorts.values()) {
      const count = this.byCohort[cohort] ?? 0;
      if (count > 0) byStatus.set(status, (byStatus.get(status) ?? 0) + count);
    }
    return byStatus;
  }

  /** How long the oldest of each cluster has waited, milliseconds; -1 if unknown. */
  agesByCluster(nowMs: number, clusters: number): Float64Array {
    return this.#sinceByCluster
      .slice(0, clusters)
      .map((since) => (Number.isFinite(since) ? Math.max(0, nowMs - since) : -1));
  }

  #add(cohort: number, cluster: number): void {
    const count = this.byCohort[cohort] ?? 0;
    if (count === 0) return;
    this.byCluster[cluster] = (this.byCluster[cluster] ?? 0) + count;
    this.total += count;
    const [since, oldest] = [this.#sinceByCohort[cohort] ?? 0, this.#sinceByCluster[cluster] ?? 0];
    this.#sinceByCluster[cluster] = Math.min(since, oldest);
  }

  #clear({ cohorts }: Picture): void {
    let most = 0;
    for (const number of cohorts.keys()) most = Math.max(most, number);
    if (most >= this.byCohort.length) {
      this.byCohort = new Uint32Array(most + 1);
      this.#sinceByCohort = new Float64Array(most + 1);
    }
    this.byCohort.fill(0);
    this.byCluster.fill(0);
    this.#sinceByCohort.fill(Number.POSITIVE_INFINITY);
    this.#sinceByCluster.fill(Number.POSITIVE_INFINITY);
    this.total = 0;
    this.ofRuntime = 0;
  }
}
