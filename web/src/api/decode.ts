// Checks what comes from outside against what is expected, piece by piece, and says where it differs.
//
// Unknown keys are left out: a newer agent may say more. Missing ones, other types and too long lists are errors: nothing
// is shown that was not understood.

/** What came is not what the page understands; `path` says where. */
export class ShapeError extends Error {
  readonly path: string;

  constructor(path: string, expected: string) {
    super(`${path || "the answer"} is not ${expected}`);
    this.name = "ShapeError";
    this.path = path;
  }
}

/** Takes a foreign value and where it stands; gives what is known of it, or throws a {@link ShapeError}. */
export type Decoder<T> = (value: unknown, path: string) => T;
/** What a decoder gives. */
export type Decoded<D> = D extends Decoder<infer T> ? T : never;

const TEXT_LENGTH_MAX = 64 * 1024;
const LIST_LENGTH_MAX = 100_000;
const MAP_SIZE_MAX = 1_000;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const text: Decoder<string> = (value, path) => {
  if (typeof value !== "string" || value.length > TEXT_LENGTH_MAX) throw new ShapeError(path, "a text");
  return value;
};

export const flag: Decoder<boolean> = (value, path) => {
  if (typeof value !== "boolean") throw new ShapeError(path, "true or false");
  return value;
};

export const number: Decoder<number> = (value, path) => {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new ShapeError(path, "a number");
  return value;
};

/** A number of things, or Unix milliseconds. */
export const count: Decoder<number> = (value, path) => {
  const plain = number(value, path);
  if (plain < 0) throw new ShapeError(path, "a number of at least 0");
  return plain;
};

export function nullable<T>(inner: Decoder<T>): Decoder<T | null> {
  return (value, path) => (value === null || value === undefined ? null : inner(value, path));
}

/** One of several words: others are errors. */
export function word<const W extends string>(...words: readonly W[]): Decoder<W> {
  return (value, path) => {
    const found = words.find((known) => known === value);
    if (found === undefined) throw new ShapeError(path, `one of ${words.join(", ")}`);
    return found;
  };
}

export function list<T>(inner: Decoder<T>, lengthMax = LIST_LENGTH_MAX): Decoder<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new ShapeError(path, "a list");
    if (value.length > lengthMax) throw new ShapeError(path, `a list of at most ${lengthMax}`);
    return value.map((item, index) => inner(item, `${path}[${index}]`));
  };
}

/** Keys that nobody knows beforehand, such as labels. */
export function map<T>(inner: Decoder<T>): Decoder<ReadonlyMap<string, T>> {
  return (value, path) => {
    if (!isRecord(value)) throw new ShapeError(path, "an object");
    const entries = Object.entries(value);
    if (entries.length > MAP_SIZE_MAX)
      throw new ShapeError(path, `an object of at most ${MAP_SIZE_MAX} keys`);
    return new Map(entries.map(([key, item]) => [key, inner(item, `${path}.${key}`)]));
  };
}

type Fields = Record<string, Decoder<unknown>>;
type Shaped<F extends Fields> = { readonly [K in keyof F]: Decoded<F[K]> };

export function object<F extends Fields>(fields: F): Decoder<Shaped<F>> {
  return (value, path) => {
    if (!isRecord(value)) throw new ShapeError(path, "an object");
    const known: Record<string, unknown> = {};
    for (const [key, decode] of Object.entries(fields)) {
      const at = path === "" ? key : `${path}.${key}`;
      known[key] = decode(Object.hasOwn(value, key) ? value[key] : undefined, at);
    }
    // Every key of `fields` was decoded by its own decoder, which the compiler cannot follow.
    return known as Shaped<F>;
  };
}
