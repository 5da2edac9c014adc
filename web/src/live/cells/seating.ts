// Every goroutine's cell and its rank within it: where its dot is.
//
// Ranks of a cell are dense. A goroutine that leaves a cell gives its rank to the last of the cell, so that one that
// moves changes two dots, not all behind it.
import { NOWHERE } from "./grid.ts";

export class Seating {
  /** Cells by place; {@link NOWHERE} if nobody is there. */
  cells = new Uint16Array(0);
  ranks = new Uint32Array(0);
  readonly #members: (Members | undefined)[] = [];

  /** How many are in a cell. */
  count(cell: number): number {
    return this.#members[cell]?.length ?? 0;
  }

  /** The place of the goroutine with this rank in a cell, or -1. */
  at(cell: number, rank: number): number {
    const members = this.#members[cell];
    return members && rank < members.length ? (members.places[rank] ?? -1) : -1;
  }

  /** Cells that have, or had, somebody in them. */
  *occupied(): Iterable<readonly [cell: number, count: number]> {
    for (const [cell, members] of this.#members.entries()) {
      if (members) yield [cell, members.length];
    }
  }

  /** Makes room for so many places. */
  reserve(places: number): void {
    if (places <= this.cells.length) return;
    const length = Math.ceil(places * 1.25);
    const [cells, ranks] = [new Uint16Array(length).fill(NOWHERE), new Uint32Array(length)];
    cells.set(this.cells);
    ranks.set(this.ranks);
    [this.cells, this.ranks] = [cells, ranks];
  }

  /** Moves whoever is at a place to a cell. Gives the place of another whose rank has changed, or -1. */
  move(place: number, cell: number): number {
    const before = this.cells[place] ?? NOWHERE;
    if (before === cell) return -1;
    const displaced = before === NOWHERE ? -1 : this.#leave(place, before);
    this.cells[place] = cell;
    if (cell !== NOWHERE) this.ranks[place] = this.#join(place, cell);
    return displaced;
  }

  #leave(place: number, cell: number): number {
    const members = this.#members[cell];
    if (!members) return -1;
    const rank = this.ranks[place] ?? 0;
    members.length -= 1;
    const last = members.places[members.length] ?? 0;
    if (last === place) return -1;
    members.places[rank] = last;
    this.ranks[last] = rank;
    return last;
  }

  #join(place: number, cell: number): number {
    let members = this.#members[cell];
    if (!members) {
      members = { places: new Uint32Array(16), length: 0 };
      this.#members[cell] = members;
    }
    if (members.length === members.places.length) {
      const grown = new Uint32Array(members.length * 2);
      grown.set(members.places);
      members.places = grown;
    }
    members.places[members.length] = place;
    members.length += 1;
    return members.length - 1;
  }
}

interface Members {
  places: Uint32Array;
  length: number;
}
