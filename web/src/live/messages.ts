// What the page and its worker say to each other.
import type { Column } from "./cells/grid.ts";
import type { Patch } from "./cells/texture.ts";
import type { FilterTrouble } from "./filter/expression.ts";
import type { RowsAnswer, RowsQuestion, ShownRow } from "./rows/window.ts";
import type { PastColumn } from "./stacks/past.ts";
import type { Node } from "./stacks/tree.ts";
import type { CodePlace, Gap, Scheduler } from "./wire/head.ts";

/** What is told at every tick, besides numbers that everybody gets: only what is on the screen is worked out. */
export interface Wants {
  readonly dots?: boolean;
  readonly past?: boolean;
  readonly stacks?: boolean;
  readonly scheduler?: boolean;
  readonly rows?: RowsQuestion;
}

export type ToWorker =
  | { readonly kind: "watch"; readonly url: string }
  | { readonly kind: "pause"; readonly on: boolean }
  | { readonly kind: "retry" }
  | { readonly kind: "filter"; readonly text: string }
  | { readonly kind: "wants"; readonly wants: Wants }
  /** All of the dots, or of the past, once more: the graphics card has lost them. */
  | { readonly kind: "again" }
  /** A moment that others are compared with: now, one that was pinned before, or none. */
  | { readonly kind: "pin"; readonly at: "now" | number | null }
  | { readonly kind: "who"; readonly question: number; readonly cell: number; readonly rank: number };

export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "paused" }
  | { readonly kind: "reconnecting"; readonly why: string; readonly inMs: number }
  /** The agent lets nobody in, and says why; it is asked again. */
  | { readonly kind: "refused"; readonly why: string; readonly hint: string | null; readonly inMs: number }
  /** The agent wants to know who asks. */
  | { readonly kind: "login" }
  | { readonly kind: "ended"; readonly why: string };

/** What a tick cost in the worker. */
export interface TickCost {
  readonly bytes: number;
  readonly rows: number;
  readonly decodeMs: number;
  readonly applyMs: number;
}

/** A cluster as views name it. */
export interface ShownCluster {
  readonly number: number;
  readonly key: string;
  readonly own: CodePlace | null;
  readonly missing: string | null;
  readonly stack: readonly CodePlace[];
}

export interface Tick {
  readonly number: number;
  readonly atUnixMs: number;
  readonly total: number;
  /** Those of the runtime itself. */
  readonly ofRuntime: number;
  /** Length of the runtime's list: dots are drawn for all places, those of nobody unseen. */
  readonly places: number;
  readonly matched: number;
  readonly byStatus: ReadonlyMap<string, number>;
  readonly columns: readonly Column[];
  /** Cell, how many are in it, how many of them the filter lets through; three numbers each. */
  readonly cells: Uint32Array;
  /** Largest number of a P that a goroutine has. */
  readonly ps: number;
  /** Seconds of this moment, as texels have them. */
  readonly nowS: number;
  /** Number of goroutines, and colour, by number of cluster. */
  readonly clusterCounts: Uint32Array;
  readonly clusterColours: readonly number[];
  /** How long the oldest of each has waited, milliseconds; -1 if unknown. */
  readonly clusterAges: Float64Array;
  readonly scheduler: Scheduler | null;
  readonly gaps: readonly Gap[];
  readonly lookMs: number;
  readonly cost: TickCost;
}

export type FromWorker =
  | { readonly kind: "connection"; readonly connection: Connection }
  | {
      readonly kind: "filter";
      readonly text: string;
      readonly trouble: FilterTrouble | undefined;
      readonly what: string;
    }
  /** Clusters that are new, from this number on; from 0 on, all of them. */
  | { readonly kind: "clusters"; readonly first: number; readonly clusters: readonly ShownCluster[] }
  /** One message, so that dots and what places them are drawn in one frame. */
  | { readonly kind: "tick"; readonly tick: Tick; readonly patch: Patch | undefined }
  | {
      readonly kind: "past";
      readonly everything: boolean;
      readonly columns: readonly PastColumn[];
      /** The most that each cluster had in all of the past. */
      readonly most: Uint32Array;
    }
  | { readonly kind: "rows"; readonly answer: RowsAnswer }
  | { readonly kind: "stacks"; readonly root: Node; readonly pinned: Pinned | null }
  | { readonly kind: "who"; readonly question: number; readonly row: ShownRow | null };

/** A moment that others are compared with. */
export interface Pinned {
  readonly atUnixMs: number;
  readonly root: Node;
}
