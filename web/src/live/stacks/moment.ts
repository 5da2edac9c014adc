// A moment that later ones are compared with: all goroutines as they were, so that a filter means the same then and now.
import { Evaluator } from "../filter/evaluate.ts";
import type { Expression } from "../filter/expression.ts";
import type { Picture } from "../picture.ts";
import { type Node, stacksOf } from "./tree.ts";

export class Moment {
  readonly atUnixMs: number;
  readonly #picture: Picture;
  #expression: Expression | undefined;
  #root: Node | undefined;

  constructor(picture: Picture) {
    this.#picture = picture.copy();
    this.atUnixMs = picture.head?.at_unix_ms ?? 0;
  }

  /** Stacks of what a filter let through then. */
  stacks(expression: Expression | undefined): Node {
    if (!this.#root || this.#expression !== expression) {
      const evaluator = expression && new Evaluator(expression, this.#picture);
      this.#root = stacksOf(this.#picture, (place) => evaluator?.matches(place) ?? true);
      this.#expression = expression;
    }
    return this.#root;
  }
}
