// One target as the worker knows it: the picture, and what views need of it, brought up to date frame by frame.
import { cellOf, firstColumns, Grid, meaningOf, NOWHERE } from "./cells/grid.ts";
import { Seating } from "./cells/seating.ts";
import { type Patch, Texture } from "./cells/texture.ts";
import { Evaluator } from "./filter/evaluate.ts";
import type { Expression } from "./filter/parse.ts";
import type { ShownCluster, Tick, TickCost } from "./messages.ts";
import { Picture } from "./picture.ts";
import { ordered } from "./rows/order.ts";
import { type RowsAnswer, type RowsQuestion, type ShownRow, shownRow, windowOf } from "./rows/window.ts";
import { CLUSTERS_MAX, Clusters } from "./stacks/clusters.ts";
import { Past, type PastColumn } from "./stacks/past.ts";
import { type Counted, type Node, treeOf } from "./stacks/tree.ts";
import type { Received } from "./wire/frame.ts";

export class Watch {
  readonly picture = new Picture();
  readonly past = new Past();
  #grid: Grid | undefined;
  readonly #seating = new Seating();
  readonly #texture = new Texture();
  readonly #clusters = new Clusters();
  #evaluator: Evaluator | undefined;
  /** By place: whether the filter lets it through. Only kept while there is a filter. */
  #matches = new Uint8Array(0);
  /** Numbers by cohort. */
  #counts = new Uint32Array(0);
  #columns = new Uint8Array(0);
  #colours = new Uint8Array(0);
  #clusterCounts = new Uint32Array(CLUSTERS_MAX);
  #matched = 0;
  #order: { readonly key: string; readonly places: Uint32Array } | undefined;

  /** Takes a frame over; what became of the past is given back. Throws if the frame does not follow. */
  take(received: Received): PastColumn {
    const had = this.picture.places;
    this.picture.apply(received);
    this.#order = undefined;
    if (received.isEverything) {
      this.#clusters.forgetCohorts();
      this.#evaluator?.forgetCohorts();
    }
    this.#count();
    this.#grid = this.#gridFor(received.isEverything);
    if (had === 0) this.#texture.begin(received.head.at_monotonic_ms);
    this.#reserve();
    const isRepainted = this.#clusters.paint(this.#clusterCounts);
    this.#look();
    if (this.#evaluator?.hasAges) this.#match();
    else this.#matchRows(received.rows.places);
    if (received.isEverything || isRepainted) this.#seatAll(Math.max(had, this.picture.places));
    else for (const place of received.rows.places) this.#seat(place);
    return this.past.add(received.head.at_unix_ms, this.#clusterCounts, this.#clusters.all.length);
  }

  filter(expression: Expression | undefined): void {
    this.#evaluator = expression && new Evaluator(expression, this.picture);
    this.#order = undefined;
    this.#match();
    this.#seatAll(this.picture.places);
  }

  patch(everything: boolean): Patch | undefined {
    return this.#texture.patch(everything);
  }

  /** Clusters from a number on. */
  clustersFrom(first: number): ShownCluster[] {
    return this.#clusters.all.slice(first).map((cluster) => ({ ...cluster, own: cluster.own ?? null }));
  }

  tick(cost: TickCost, withScheduler: boolean): Tick | undefined {
    const { head } = this.picture;
    if (!head || !this.#grid) return undefined;
    const { cells, ps } = this.#cells();
    return {
      number: head.number,
      atUnixMs: head.at_unix_ms,
      total: this.#total(),
      places: this.picture.places,
      matched: this.#evaluator ? this.#matched : this.#total(),
      byStatus: this.#byStatus(),
      columns: this.#grid.columns,
      cells,
      ps,
      nowS: this.#texture.seconds(head.at_monotonic_ms),
      clusterCounts: this.#clusterCounts.slice(0, this.#clusters.all.length),
      clusterColours: [...this.#clusters.colours],
      scheduler: withScheduler ? head.scheduler : null,
      gaps: head.gaps,
      lookMs: head.cost.total_us / 1_000,
      cost,
    };
  }

  rows(question: RowsQuestion): RowsAnswer {
    const began = performance.now();
    const key = `${question.sort} ${question.descending}`;
    if (this.#order?.key !== key) {
      const matches = this.#evaluator ? this.#matches : undefined;
      this.#order = { key, places: ordered(this.picture, matches, question.sort, question.descending) };
    }
    return windowOf(this.picture, this.#order.places, question, performance.now() - began);
  }

  who(cell: number, rank: number): ShownRow | null {
    return shownRow(this.picture, this.#seating.at(cell, rank)) ?? null;
  }

  stacks(): Node {
    const { picture } = this;
    const nowMs = picture.head?.at_monotonic_ms ?? 0;
    const rooms = this.#counts.length;
    const [counts, ages, aged] = [new Uint32Array(rooms), new Float64Array(rooms), new Uint32Array(rooms)];
    for (let place = 0; place < picture.places; place += 1) {
      if (this.#evaluator && this.#matches[place] === 0) continue;
      const cohort = picture.cohortOf[place] ?? 0;
      counts[cohort] = (counts[cohort] ?? 0) + 1;
      const since = picture.sinceMs[place] ?? 0;
      if (since <= 0) continue;
      ages[cohort] = (ages[cohort] ?? 0) + Math.max(0, nowMs - since);
      aged[cohort] = (aged[cohort] ?? 0) + 1;
    }
    const counted = [...picture.cohorts.keys()].map(
      (cohort): Counted => ({
        cohort,
        count: counts[cohort] ?? 0,
        ageMs: ages[cohort] ?? 0,
        aged: aged[cohort] ?? 0,
      }),
    );
    return treeOf(picture, counted);
  }

  /** Counted anew at each tick: a million additions take a millisecond or two, and are never wrong. */
  #count(): void {
    const { cohorts, cohortOf, places } = this.picture;
    let most = 0;
    for (const number of cohorts.keys()) most = Math.max(most, number);
    if (most < this.#counts.length) this.#counts.fill(0);
    else this.#counts = new Uint32Array(most + 1);
    const counts = this.#counts;
    for (let place = 0; place < places; place += 1) {
      const cohort = cohortOf[place] ?? 0;
      counts[cohort] = (counts[cohort] ?? 0) + 1;
    }
    counts[0] = 0;
    this.#clusterCounts.fill(0);
    for (const cohort of cohorts.values()) {
      const { number } = this.#clusters.of(cohort, this.picture);
      this.#clusterCounts[number] = (this.#clusterCounts[number] ?? 0) + (counts[cohort.cohort] ?? 0);
    }
  }

  #total(): number {
    return this.#clusterCounts.reduce((sum, count) => sum + count, 0);
  }

  #byStatus(): Map<string, number> {
    const byStatus = new Map<string, number>();
    for (const cohort of this.picture.cohorts.values()) {
      const count = this.#counts[cohort.cohort] ?? 0;
      if (count > 0) byStatus.set(cohort.status, (byStatus.get(cohort.status) ?? 0) + count);
    }
    return byStatus;
  }

  #gridFor(isEverything: boolean): Grid {
    if (this.#grid && !isEverything) return this.#grid;
    // Columns stay where they are, also when numbers of cohorts begin anew.
    if (this.#grid) return new Grid(this.#grid.columns);
    const byReason = new Map<string, number>();
    for (const { cohort, status, reason, is_runtime: isRuntime } of this.picture.cohorts.values()) {
      if (status !== "waiting" || reason === null || isRuntime) continue;
      byReason.set(reason, (byReason.get(reason) ?? 0) + (this.#counts[cohort] ?? 0));
    }
    return new Grid(firstColumns(byReason));
  }

  #reserve(): void {
    const { places } = this.picture;
    this.#seating.reserve(places);
    this.#texture.reserve(places);
    if (places > this.#matches.length) {
      const grown = new Uint8Array(Math.ceil(places * 1.25));
      grown.set(this.#matches);
      this.#matches = grown;
    }
  }

  #match(): void {
    if (!this.#evaluator) return;
    for (let place = 0; place < this.picture.places; place += 1) {
      const matches = this.#evaluator.matches(place) ? 1 : 0;
      if (this.#matches[place] === matches) continue;
      this.#matches[place] = matches;
      this.#write(place);
    }
  }

  #matchRows(places: Uint32Array): void {
    if (!this.#evaluator) return;
    for (const place of places) this.#matches[place] = this.#evaluator.matches(place) ? 1 : 0;
  }

  #seatAll(places: number): void {
    for (let place = 0; place < places; place += 1) this.#seat(place);
  }

  /** Columns and colours by cohort: a million goroutines are of a few thousand cohorts. */
  #look(): void {
    const { cohorts } = this.picture;
    if (this.#columns.length < this.#counts.length) {
      this.#columns = new Uint8Array(this.#counts.length);
      this.#colours = new Uint8Array(this.#counts.length);
    }
    for (const [number, cohort] of cohorts) {
      this.#columns[number] = this.#grid?.columnOf(cohort) ?? 0;
      this.#colours[number] = this.#clusters.colours[this.#clusters.of(cohort, this.picture).number] ?? 0;
    }
  }

  #seat(place: number): void {
    const cohort = this.picture.cohortOf[place] ?? 0;
    const p = this.picture.ps[place] ?? -1;
    const cell = cohort === 0 ? NOWHERE : cellOf(this.#columns[cohort] ?? 0, p, this.#colours[cohort] ?? 0);
    const displaced = this.#seating.move(place, cell);
    this.#write(place);
    if (displaced >= 0) this.#write(displaced);
  }

  #write(place: number): void {
    const { cohortOf, sinceMs } = this.picture;
    this.#texture.write(
      place,
      this.#seating.ranks[place] ?? 0,
      this.#colours[cohortOf[place] ?? 0] ?? 0,
      !this.#evaluator || this.#matches[place] === 1,
      this.#seating.cells[place] ?? NOWHERE,
      sinceMs[place] ?? 0,
    );
  }

  #cells(): { cells: Uint32Array; ps: number } {
    const matched = this.#evaluator && this.#matchedByCell();
    const cells: number[] = [];
    let ps = (this.picture.head?.scheduler?.processors.length ?? 0) - 1;
    for (const [cell, count] of this.#seating.occupied()) {
      if (count === 0) continue;
      cells.push(cell, count, matched ? (matched[cell] ?? 0) : count);
      ps = Math.max(ps, meaningOf(cell).p);
    }
    return { cells: Uint32Array.from(cells), ps };
  }

  #matchedByCell(): Uint32Array {
    const matched = new Uint32Array(NOWHERE + 1);
    this.#matched = 0;
    for (let place = 0; place < this.picture.places; place += 1) {
      const cell = this.#seating.cells[place] ?? NOWHERE;
      if (cell === NOWHERE || this.#matches[place] !== 1) continue;
      matched[cell] = (matched[cell] ?? 0) + 1;
      this.#matched += 1;
    }
    return matched;
  }
}
