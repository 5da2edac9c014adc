// What a filter says, and what can be wrong with one.
import type { Mark, NumberField, TextField } from "./fields.ts";

export type Comparison = "=" | "<" | "<=" | ">" | ">=";

export type Expression =
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "not"; readonly inner: Expression }
  | { readonly kind: "mark"; readonly mark: Mark }
  | { readonly kind: "text"; readonly field: TextField; readonly test: (text: string) => boolean }
  | { readonly kind: "word"; readonly word: string }
  | {
      readonly kind: "number";
      readonly field: NumberField | "age";
      readonly how: Comparison;
      readonly value: number;
    };

/** What is wrong with a filter. Words for each are in the dictionaries. */
export type FilterTrouble =
  | "term"
  | "unclosed"
  | "unclosedQuote"
  | "elsewhere"
  | "unknownField"
  | "needsComparison"
  | "takesNoValue"
  | "badOperator"
  | "value"
  | "badValue"
  | "badPattern"
  | "tooDeep";

export class FilterError extends Error {
  readonly trouble: FilterTrouble;
  /** What was written. */
  readonly what: string;
  /** Where, in characters from 0. */
  readonly position: number;

  constructor(trouble: FilterTrouble, position: number, what = "") {
    super(`${trouble} at ${position}: ${what}`);
    this.name = "FilterError";
    this.trouble = trouble;
    this.position = position;
    this.what = what;
  }
}
