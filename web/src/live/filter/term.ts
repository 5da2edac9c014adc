// One comparison of a filter: which operators a field knows, and which values.
import { type Comparison, type Expression, FilterError } from "./expression.ts";
import { type Field, STATES, type TextField, WAITS } from "./fields.ts";
import { durationMs, numberOf } from "./text.ts";

/** The field, if something can be compared with it. */
export function comparable(field: Field | undefined, name: string, start: number): Field {
  if (!field) throw new FilterError("unknownField", start, name);
  if (field.kind === "elsewhere") throw new FilterError("elsewhere", start, name);
  if (field.kind === "mark") throw new FilterError("takesNoValue", start, name);
  return field;
}

/** Where a term is written, for what is said of it. */
export interface Where {
  readonly name: string;
  readonly start: number;
  readonly at: number;
}

/** What a field is compared with, as a test. Throws a {@link FilterError} for what cannot be compared so. */
export function tested(field: Field, operator: string, value: string, where: Where): Expression {
  const isEquality = ["=", "==", "!="].includes(operator);
  if (field.kind === "text") {
    if (isEquality) return { kind: "text", field: field.field, test: equals(field.field, value, where.at) };
    if (operator !== "~" && operator !== "=~" && operator !== "!~") {
      throw new FilterError("badOperator", where.start, `${where.name}${operator}`);
    }
    return { kind: "text", field: field.field, test: searches(value, where.at) };
  }
  if (operator.includes("~")) throw new FilterError("badOperator", where.start, `${where.name}${operator}`);
  const how = isEquality ? "=" : (operator as Comparison);
  const isAge = field.kind === "age";
  const number = isAge ? durationMs(value) : numberOf(value);
  if (number === undefined || (field.kind !== "age" && field.kind !== "number")) {
    throw new FilterError("badValue", where.at, value);
  }
  return { kind: "number", field: isAge ? "age" : field.field, how, value: number };
}

function equals(field: TextField, value: string, at: number): (text: string) => boolean {
  const known = field === "state" ? STATES : field === "waits" ? WAITS : undefined;
  if (known && !known.includes(value)) throw new FilterError("badValue", at, value);
  return (text) => text === value;
}

function searches(pattern: string, at: number): (text: string) => boolean {
  try {
    const expression = new RegExp(pattern, "u");
    return (text) => expression.test(text);
  } catch {
    throw new FilterError("badPattern", at, pattern);
  }
}
