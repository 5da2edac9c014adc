// Which places the filter lets through.
import { NOWHERE } from "../cells/grid.ts";
import type { Picture } from "../picture.ts";
import { Evaluator } from "./evaluate.ts";
import type { Expression } from "./expression.ts";

export class Filtered {
  /** How many pass, since {@link Filtered.byCell}; only while there is a filter. */
  matched = 0;
  readonly #picture: Picture;
  #evaluator: Evaluator | undefined;
  /** By place. Only kept while there is a filter. */
  #matches = new Uint8Array(0);

  constructor(picture: Picture) {
    this.#picture = picture;
  }

  /** Whether there is a filter. */
  get isOn(): boolean {
    return this.#evaluator !== undefined;
  }

  /** Whether time alone can change what matches. */
  get hasAges(): boolean {
    return this.#evaluator?.hasAges === true;
  }

  /** By place; `undefined` if all pass. */
  get matches(): Uint8Array | undefined {
    return this.#evaluator && this.#matches;
  }

  passes(place: number): boolean {
    return this.#evaluator === undefined || this.#matches[place] === 1;
  }

  /** Another filter; what matches is not known before {@link Filtered.matchAll}. */
  filter(expression: Expression | undefined): void {
    this.#evaluator = expression && new Evaluator(expression, this.#picture);
  }

  /** A frame with everything numbers cohorts anew. */
  forgetCohorts(): void {
    this.#evaluator?.forgetCohorts();
  }

  reserve(places: number): void {
    if (places <= this.#matches.length) return;
    const grown = new Uint8Array(Math.ceil(places * 1.25));
    grown.set(this.#matches);
    this.#matches = grown;
  }

  /** Asks of all places, and tells of those that have changed. */
  matchAll(changed: (place: number) => void): void {
    if (!this.#evaluator) return;
    for (let place = 0; place < this.#picture.places; place += 1) {
      const matches = this.#evaluator.matches(place) ? 1 : 0;
      if (this.#matches[place] === matches) continue;
      this.#matches[place] = matches;
      changed(place);
    }
  }

  matchRows(places: Uint32Array): void {
    if (!this.#evaluator) return;
    for (const place of places) this.#matches[place] = this.#evaluator.matches(place) ? 1 : 0;
  }

  /** How many of each cell pass; `undefined` if all do. */
  byCell(cells: Uint16Array): Uint32Array | undefined {
    if (!this.#evaluator) return undefined;
    const matched = new Uint32Array(NOWHERE + 1);
    this.matched = 0;
    for (let place = 0; place < this.#picture.places; place += 1) {
      const cell = cells[place] ?? NOWHERE;
      if (cell === NOWHERE || this.#matches[place] !== 1) continue;
      matched[cell] = (matched[cell] ?? 0) + 1;
      this.matched += 1;
    }
    return matched;
  }
}
