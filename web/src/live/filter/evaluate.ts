// Tests goroutines against a filter. What it asks of a cohort is answered once for all of the cohort; only ages, ids and
// Ps are asked of each goroutine.
import type { Picture } from "../picture.ts";
import { stackKey } from "../stacks/clusters.ts";
import { packageOf } from "../stacks/own_function.ts";
import type { Cohort } from "../wire/head.ts";
import type { Comparison, Expression } from "./expression.ts";
import type { TextField } from "./fields.ts";
import { waitClass } from "./text.ts";

/** What a cohort alone says: yes, no, or that it depends on the goroutine. */
type Verdict = boolean | "depends";

export class Evaluator {
  /** Whether time alone can change what matches. */
  readonly hasAges: boolean;
  readonly #expression: Expression;
  readonly #picture: Picture;
  #verdicts = new Map<number, Verdict>();
  /** What texts a cohort has, for its terms; by expression. */
  #terms = new Map<Expression, Map<number, boolean>>();

  constructor(expression: Expression, picture: Picture) {
    this.#expression = expression;
    this.#picture = picture;
    this.hasAges = asksAge(expression);
  }

  /** A frame with everything numbers cohorts anew. */
  forgetCohorts(): void {
    this.#verdicts = new Map();
    this.#terms = new Map();
  }

  /** Whether the goroutine at a place passes. */
  matches(place: number): boolean {
    const number = this.#picture.cohortOf[place] ?? 0;
    if (number === 0) return false;
    let verdict = this.#verdicts.get(number);
    if (verdict === undefined) {
      verdict = this.#judge(this.#expression, number);
      this.#verdicts.set(number, verdict);
    }
    return verdict === "depends" ? this.#holds(this.#expression, place, number) : verdict;
  }

  #judge(expression: Expression, cohort: number): Verdict {
    if (expression.kind === "number") return "depends";
    if (expression.kind === "not") {
      const inner = this.#judge(expression.inner, cohort);
      return inner === "depends" ? inner : !inner;
    }
    if (expression.kind === "and" || expression.kind === "or") {
      const decisive = expression.kind === "or";
      const [left, right] = [this.#judge(expression.left, cohort), this.#judge(expression.right, cohort)];
      if (left === decisive || right === decisive) return decisive;
      return left === "depends" || right === "depends" ? "depends" : !decisive;
    }
    return this.#cohortHolds(expression, cohort);
  }

  #holds(expression: Expression, place: number, cohort: number): boolean {
    switch (expression.kind) {
      case "and":
        return this.#holds(expression.left, place, cohort) && this.#holds(expression.right, place, cohort);
      case "or":
        return this.#holds(expression.left, place, cohort) || this.#holds(expression.right, place, cohort);
      case "not":
        return !this.#holds(expression.inner, place, cohort);
      case "number": {
        const number = this.#number(expression.field, place);
        return number !== undefined && compares(number, expression.how, expression.value);
      }
      default:
        return this.#cohortHolds(expression, cohort);
    }
  }

  #number(field: "id" | "p" | "since" | "age", place: number): number | undefined {
    const { head, ids, ps, sinceMs } = this.#picture;
    if (field === "id") return ids[place];
    if (field === "p") return (ps[place] ?? -1) < 0 ? undefined : ps[place];
    const since = sinceMs[place] ?? 0;
    if (since <= 0 || !head) return undefined;
    const age = Math.max(0, head.at_monotonic_ms - since);
    return field === "age" ? age : head.at_unix_ms - age;
  }

  #cohortHolds(expression: Expression, number: number): boolean {
    const known = this.#terms.get(expression) ?? new Map<number, boolean>();
    this.#terms.set(expression, known);
    let holds = known.get(number);
    if (holds === undefined) {
      const cohort = this.#picture.cohorts.get(number);
      holds = cohort !== undefined && this.#tests(expression, cohort);
      known.set(number, holds);
    }
    return holds;
  }

  #tests(expression: Expression, cohort: Cohort): boolean {
    switch (expression.kind) {
      case "mark":
        return expression.mark === "locked" ? cohort.locked_to_thread : cohort.is_runtime;
      case "text":
        return this.#texts(expression.field, cohort).some(expression.test);
      case "word":
        return this.#words(cohort).includes(expression.word);
      default:
        return false;
    }
  }

  #texts(field: TextField, cohort: Cohort): readonly string[] {
    const picture = this.#picture;
    const name = (place: number | null) => (place === null ? [] : [picture.codePlace(place).function]);
    const stack = () => cohort.stack.map((place) => picture.codePlace(place));
    switch (field) {
      case "state":
        return [cohort.status];
      case "reason":
        return cohort.reason === null ? [] : [cohort.reason];
      case "waits":
        return cohort.reason === null ? [] : [waitClass(cohort.reason)];
      case "func":
        return stack().map((place) => place.function);
      case "pkg":
        return stack().flatMap((place) => packageOf(place.function) ?? []);
      case "file":
        return stack().map((place) => place.file);
      case "created_by":
        return name(cohort.created_by);
      case "entry":
        return name(cohort.entry);
      case "stack":
        return [stackKey(stack(), cohort.missing)];
      default: {
        const key = field.slice("label.".length);
        return cohort.labels.filter(([label]) => label === key).map(([, value]) => value);
      }
    }
  }

  /** Everything that a word is looked for in, in lower case. */
  #words(cohort: Cohort): string {
    const places = [...cohort.stack, ...(cohort.created_by === null ? [] : [cohort.created_by])];
    return [
      cohort.status,
      cohort.reason ?? "",
      ...places.flatMap((number) => {
        const place = this.#picture.codePlace(number);
        return [place.function, `${place.file}:${place.line}`];
      }),
      ...cohort.labels.map(([key, value]) => `${key}=${value}`),
    ]
      .join("\n")
      .toLowerCase();
  }
}

function asksAge(expression: Expression): boolean {
  if (expression.kind === "number") return expression.field === "age";
  if (expression.kind === "not") return asksAge(expression.inner);
  if (expression.kind === "and" || expression.kind === "or") {
    return asksAge(expression.left) || asksAge(expression.right);
  }
  return false;
}

function compares(left: number, how: Comparison, right: number): boolean {
  if (how === "=") return left === right;
  if (how === "<") return left < right;
  if (how === "<=") return left <= right;
  return how === ">" ? left > right : left >= right;
}
