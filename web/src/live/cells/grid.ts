// Which cell of the map a goroutine is in: rows are Ps, columns what goroutines do.
import type { Cohort } from "../wire/head.ts";

/** Cells of a row, so that a cell is one number. */
export const COLUMNS = 16;
/** Rows, one for each P; the last has all further ones. */
export const ROWS = 240;
/** Those without a P, mostly nearly all, lie in strata within their column: one for each colour of a stack. */
export const STRATA = 9;
const FIRST_STRATUM = ROWS * COLUMNS;
/** The cell of a place without a goroutine. */
export const NOWHERE = 0xfff;

const OTHERS = "";

/** What a column is of: a status, or a reason for which goroutines wait. */
export interface Column {
  readonly kind: "status" | "reason" | "runtime" | "others";
  readonly name: string;
}

/** The column of a cohort. The runtime's own wait for reasons of their own, which nobody needs to tell apart. */
function whatOf({ status, reason, is_runtime: isRuntime }: Cohort): Column {
  if (status !== "waiting" || reason === null) return { kind: "status", name: status };
  return isRuntime ? { kind: "runtime", name: OTHERS } : { kind: "reason", name: reason };
}

/** Columns, given to statuses and reasons as they come: once given, a column stays. */
export class Grid {
  readonly columns: Column[] = [];
  readonly #byName = new Map<string, number>();
  /** Columns by cohort. */
  readonly #byCohort = new Map<number, number>();

  constructor(first: readonly Column[] = []) {
    for (const column of first) this.#give(column);
  }

  /** The column of a cohort. */
  columnOf(cohort: Cohort): number {
    const known = this.#byCohort.get(cohort.cohort);
    if (known !== undefined) return known;
    const column = this.#give(whatOf(cohort));
    this.#byCohort.set(cohort.cohort, column);
    return column;
  }

  #give(column: Column): number {
    const key = `${column.kind} ${column.name}`;
    const known = this.#byName.get(key);
    if (known !== undefined) return known;
    const isFull = this.columns.length >= COLUMNS - 1;
    if (isFull && this.columns.length < COLUMNS) this.columns.push({ kind: "others", name: OTHERS });
    const number = isFull ? COLUMNS - 1 : this.columns.push(column) - 1;
    this.#byName.set(key, number);
    return number;
  }
}

/** The cell of a column, a P (-1 for none) and a colour. */
export function cellOf(column: number, p: number, colour: number): number {
  return p < 0 ? FIRST_STRATUM + column * STRATA + colour : Math.min(p, ROWS - 1) * COLUMNS + column;
}

/** What a cell is of. */
export interface CellMeaning {
  readonly column: number;
  /** -1 for none. */
  readonly p: number;
  /** -1 where colours are mixed. */
  readonly colour: number;
}

export function meaningOf(cell: number): CellMeaning {
  const stratum = cell - FIRST_STRATUM;
  if (stratum < 0) return { column: cell % COLUMNS, p: Math.floor(cell / COLUMNS), colour: -1 };
  return { column: Math.floor(stratum / STRATA), p: -1, colour: stratum % STRATA };
}

const ALWAYS = ["running", "runnable", "syscall"];

/** The columns to begin with: what runs first, then reasons by how many wait for them. */
export function firstColumns(counts: ReadonlyMap<string, number>): Column[] {
  const statuses: Column[] = ALWAYS.map((name) => ({ kind: "status", name }));
  const reasons = [...counts].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
  const named = reasons
    .slice(0, COLUMNS - 2 - ALWAYS.length)
    .map(([name]): Column => ({ kind: "reason", name }));
  return [...statuses, ...named, { kind: "runtime", name: OTHERS }];
}
