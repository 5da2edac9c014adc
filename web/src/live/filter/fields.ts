// The fields of a filter: those of `gostat dump --filter` that live frames tell of, and two of the page's own.

export const MARKS = ["locked", "runtime"] as const;
export type Mark = (typeof MARKS)[number];
export const NUMBERS = ["id", "p", "since"] as const;
export type NumberField = (typeof NUMBERS)[number];
export type TextField =
  | "state"
  | "reason"
  | "waits"
  | "func"
  | "pkg"
  | "file"
  | "created_by"
  | "entry"
  | "stack"
  | `label.${string}`;

const TEXTS: Readonly<Record<string, TextField>> = {
  state: "state",
  status: "state",
  reason: "reason",
  wait_reason: "reason",
  waits: "waits",
  func: "func",
  function: "func",
  pkg: "pkg",
  package: "pkg",
  file: "file",
  created_by: "created_by",
  entry: "entry",
  stack: "stack",
};

/** Fields that only `gostat dump --filter` has: live frames do not tell of them. */
const ELSEWHERE = new Set(["meaning", "owner", "route", "on", "parent", "m", "tid", "bubble", "scanning"]);

export type Field =
  | { readonly kind: "mark"; readonly mark: Mark }
  | { readonly kind: "number"; readonly field: NumberField }
  | { readonly kind: "text"; readonly field: TextField }
  | { readonly kind: "age" }
  | { readonly kind: "elsewhere" };

/** A field by its name; `undefined` if there is none. */
export function fieldNamed(name: string): Field | undefined {
  if (name.startsWith("label.") && name.length > "label.".length) {
    return { kind: "text", field: name as TextField };
  }
  if (Object.hasOwn(TEXTS, name)) return { kind: "text", field: TEXTS[name] ?? "func" };
  const mark = MARKS.find((known) => known === name);
  if (mark) return { kind: "mark", mark };
  const number = NUMBERS.find((known) => known === name);
  if (number) return { kind: "number", field: number };
  if (name === "age") return { kind: "age" };
  return ELSEWHERE.has(name) ? { kind: "elsewhere" } : undefined;
}

/** What `state` can be: a misspelt one would silently match nothing. */
export const STATES = [
  "idle",
  "runnable",
  "running",
  "syscall",
  "waiting",
  "dead",
  "copystack",
  "preempted",
  "leaked",
];
export const WAITS = ["chan", "select", "lock", "io", "sleep", "other"];
