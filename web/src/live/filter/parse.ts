// Understands the text of a filter: the language of `gostat dump --filter` (crates/analysis/src/filter), and words that
// stand alone, which are looked for in functions, files, reasons and labels.
import { type Expression, FilterError } from "./expression.ts";
import { type Field, fieldNamed } from "./fields.ts";
import { comparable, tested } from "./term.ts";

const DEPTH_MAX = 64;
const OPERATORS = ["==", "!=", "!~", "=~", "<=", ">=", "=", "~", "<", ">"];

/** The expression, or `undefined` for nothing but blanks, which lets all through. Throws a {@link FilterError}. */
export function parseFilter(text: string): Expression | undefined {
  return text.trim() === "" ? undefined : new Parser(text).all();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  all(): Expression {
    const expression = this.#or();
    this.#skipBlanks();
    if (this.#at < this.#text.length) throw new FilterError("term", this.#at, this.#text[this.#at]);
    return expression;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#takesWord("or") || this.#takes("||")) left = { kind: "or", left, right: this.#and() };
    return left;
  }

  /** Terms side by side mean both: who types words wants all of them. */
  #and(): Expression {
    let left = this.#unary();
    for (;;) {
      const isJoined = this.#takesWord("and") || this.#takes("&&");
      if (!isJoined && !this.#hasTerm()) return left;
      left = { kind: "and", left, right: this.#unary() };
    }
  }

  #hasTerm(): boolean {
    this.#skipBlanks();
    const rest = this.#text.slice(this.#at);
    return rest !== "" && !/^(?:\)|\|\||or(?:[\s(]|$))/.test(rest);
  }

  #unary(): Expression {
    if (this.#depth >= DEPTH_MAX) throw new FilterError("tooDeep", this.#at);
    this.#depth += 1;
    const expression = this.#unnested();
    this.#depth -= 1;
    return expression;
  }

  #unnested(): Expression {
    this.#skipBlanks();
    const start = this.#at;
    if (this.#takesWord("not") || this.#takes("!")) return { kind: "not", inner: this.#unary() };
    if (!this.#takes("(")) return this.#term();
    const inner = this.#or();
    if (!this.#takes(")")) throw new FilterError("unclosed", start);
    return inner;
  }

  #term(): Expression {
    this.#skipBlanks();
    const start = this.#at;
    if (/^['"]/.test(this.#text.slice(start))) return { kind: "word", word: this.#value().toLowerCase() };
    const name = this.#text.slice(start).match(/^[^\s=!~<>()'"&|]*/)?.[0] ?? "";
    if (name === "" || name === "and" || name === "or")
      throw new FilterError("term", start, this.#text[start]);
    this.#at += name.length;
    const operator = OPERATORS.find((known) => this.#takes(known));
    const field = fieldNamed(name);
    if (operator === undefined) return this.#alone(field, name, start);
    const compared = comparable(field, name, start);
    this.#skipBlanks();
    const at = this.#at;
    const term = tested(compared, operator, this.#value(), { name, start, at });
    return operator.startsWith("!") ? { kind: "not", inner: term } : term;
  }

  /** A mark; else the whole word, with whatever parentheses it has, is looked for. */
  #alone(field: Field | undefined, name: string, start: number): Expression {
    if (field?.kind === "mark") return field;
    if (field !== undefined && field.kind !== "elsewhere")
      throw new FilterError("needsComparison", start, name);
    this.#at = start;
    return { kind: "word", word: this.#value().toLowerCase() };
  }

  /** A quoted value, or everything up to a blank, an operator, or a parenthesis that closes none of its own. */
  #value(): string {
    const start = this.#at;
    const quote = this.#text[start];
    if (quote === "'" || quote === '"') return this.#quoted(quote, start);
    while (this.#at < this.#text.length && !endsValue(this.#text, start, this.#at)) this.#at += 1;
    if (this.#at === start) throw new FilterError("value", start);
    return this.#text.slice(start, this.#at);
  }

  #quoted(quote: string, start: number): string {
    let value = "";
    for (let at = start + 1; at < this.#text.length; at += 1) {
      const character = this.#text[at] ?? "";
      if (character === quote) {
        this.#at = at + 1;
        return value;
      }
      // Only a quote can be escaped, so that regular expressions keep their backslashes.
      if (character === "\\" && this.#text[at + 1] === quote) at += 1;
      value += this.#text[at] ?? "";
    }
    throw new FilterError("unclosedQuote", start);
  }

  #skipBlanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at += 1;
  }

  #takes(token: string): boolean {
    this.#skipBlanks();
    const isThere = this.#text.startsWith(token, this.#at);
    if (isThere) this.#at += token.length;
    return isThere;
  }

  #takesWord(word: string): boolean {
    this.#skipBlanks();
    const isThere =
      this.#text.startsWith(word, this.#at) && /^(?:[\s(]|$)/.test(this.#text.slice(this.#at + word.length));
    if (isThere) this.#at += word.length;
    return isThere;
  }
}

/** Whether a value that began at `start` is over: at a blank, an operator, or a parenthesis that closes none of its own. */
function endsValue(text: string, start: number, at: number): boolean {
  const character = text[at] ?? "";
  if (/\s/.test(character) || text.startsWith("||", at) || text.startsWith("&&", at)) return true;
  if (character !== ")") return false;
  const before = text.slice(start, at);
  return before.split("(").length <= before.split(")").length;
}
