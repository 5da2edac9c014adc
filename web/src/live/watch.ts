// One target as the worker knows it: the picture, and what views need of it, brought up to date frame by frame.
import { cellOf, firstColumns, Grid, meaningOf, NOWHERE } from "./cells/grid.ts";
import { Seating } from "./cells/seating.ts";
import { type Patch, Texture } from "./cells/texture.ts";
import { Counts } from "./counts.ts";
import type { Expression } from "./filter/expression.ts";
import { Filtered } from "./filter/filtered.ts";
import type { ShownCluster, Tick, TickCost } from "./messages.ts";
import { Picture } from "./picture.ts";
import { ordered } from "./rows/order.ts";
import { type RowsAnswer, type RowsQuestion, type ShownRow, shownRow, windowOf } from "./rows/window.ts";
import { Clusters } from "./stacks/clusters.ts";
import { Moment } from "./stacks/moment.ts";
import { Past, type PastColumn } from "./stacks/past.ts";
import { type Node, stacksOf } from "./stacks/tree.ts";
import type { Received } from "./wire/frame.ts";

export class Watch {
  readonly picture = new Picture();
  readonly past = new Past();
  #grid: Grid | undefined;
  readonly #seating = new Seating();
  readonly #texture = new Texture();
  readonly #clusters = new Clusters();
  readonly #counts = new Counts();
  readonly #filtered = new Filtered(this.picture);
  /** By cohort. */
  #columns = new Uint8Array(0);
  #colours = new Uint8Array(0);
  #order: { readonly key: string; readonly places: Uint32Array } | undefined;

  /** Takes a frame over; what became of the past is given back. Throws if the frame does not follow. */
  take(received: Received): PastColumn {
    const had = this.picture.places;
    this.picture.apply(received);
    this.#order = undefined;
    if (received.isEverything) {
      this.#clusters.forgetCohorts();
      this.#filtered.forgetCohorts();
    }
    this.#counts.count(this.picture, this.#clusters);
    this.#grid = this.#gridFor(received.isEverything);
    if (had === 0) this.#texture.begin(received.head.at_monotonic_ms);
    this.#reserve();
    const isRepainted = this.#clusters.paint(this.#counts.byCluster);
    this.#look();
    if (this.#filtered.hasAges) this.#matchAll();
    else this.#filtered.matchRows(received.rows.places);
    if (received.isEverything || isRepainted) this.#seatAll(Math.max(had, this.picture.places));
    else for (const place of received.rows.places) this.#seat(place);
    return this.past.add(received.head.at_unix_ms, this.#counts.byCluster, this.#clusters.all.length);
  }

  filter(expression: Expression | undefined): void {
    this.#filtered.filter(expression);
    this.#order = undefined;
    this.#matchAll();
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
      total: this.#counts.total,
      ofRuntime: this.#counts.ofRuntime,
      places: this.picture.places,
      matched: this.#filtered.isOn ? this.#filtered.matched : this.#counts.total,
      byStatus: this.#counts.byStatus(this.picture),
      columns: this.#grid.columns,
      cells,
      ps,
      nowS: this.#texture.seconds(head.at_monotonic_ms),
      clusterCounts: this.#counts.byCluster.slice(0, this.#clusters.all.length),
      clusterAges: this.#counts.agesByCluster(head.at_monotonic_ms, this.#clusters.all.length),
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
      this.#order = {
        key,
        places: ordered(this.picture, this.#filtered.matches, question.sort, question.descending),
      };
    }
    return windowOf(this.picture, this.#order.places, question, performance.now() - began);
  }

  /** This moment, to be compared with later ones. */
  moment(): Moment | undefined {
    return this.picture.head && new Moment(this.picture);
  }

  who(cell: number, rank: number): ShownRow | null {
    return shownRow(this.picture, this.#seating.at(cell, rank)) ?? null;
  }

  /** Stacks of what the filter lets through. */
  stacks(): Node {
    return stacksOf(this.picture, (place) => this.#filtered.passes(place));
  }

  #gridFor(isEverything: boolean): Grid {
    if (this.#grid && !isEverything) return this.#grid;
    // Columns stay where they are, also when numbers of cohorts begin anew.
    if (this.#grid) return new Grid(this.#grid.columns);
    const byReason = new Map<string, number>();
    for (const { cohort, status, reason, is_runtime: isRuntime } of this.picture.cohorts.values()) {
      if (status !== "waiting" || reason === null || isRuntime) continue;
      byReason.set(reason, (byReason.get(reason) ?? 0) + (this.#counts.byCohort[cohort] ?? 0));
    }
    return new Grid(firstColumns(byReason));
  }

  #reserve(): void {
    const { places } = this.picture;
    this.#seating.reserve(places);
    this.#texture.reserve(places);
    this.#filtered.reserve(places);
  }

  /** After the filter, or time for one that asks for ages, has changed what matches. */
  #matchAll(): void {
    this.#filtered.matchAll((place) => this.#write(place));
  }

  #seatAll(places: number): void {
    for (let place = 0; place < places; place += 1) this.#seat(place);
  }

  /** Columns and colours by cohort: a million goroutines are of a few thousand cohorts. */
  #look(): void {
    const { cohorts } = this.picture;
    const rooms = this.#counts.byCohort.length;
    if (this.#columns.length < rooms) {
      this.#columns = new Uint8Array(rooms);
      this.#colours = new Uint8Array(rooms);
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
      this.#filtered.passes(place),
      this.#seating.cells[place] ?? NOWHERE,
      sinceMs[place] ?? 0,
    );
  }

  #cells(): { cells: Uint32Array; ps: number } {
    const matched = this.#filtered.byCell(this.#seating.cells);
    const cells: number[] = [];
    let ps = (this.picture.head?.scheduler?.processors.length ?? 0) - 1;
    for (const [cell, count] of this.#seating.occupied()) {
      if (count === 0) continue;
      cells.push(cell, count, matched ? (matched[cell] ?? 0) : count);
      ps = Math.max(ps, meaningOf(cell).p);
    }
    return { cells: Uint32Array.from(cells), ps };
  }
}
