// Makes foreign text readable. Markup needs nothing: Preact writes text as text. What remains are characters that
// nobody sees, or that turn the text around them.

// Controls, line and paragraph separators, directions, and what has no width.
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\p{Cs}]/gu;
const LENGTH_MAX = 2_000;

function shown(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** The text with such characters written out, in one line, cut where it is absurdly long. */
export function printable(text: string): string {
  const short = text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}…` : text;
  return short.replace(UNSEEN, shown);
}

/** A function's package path with the dot, and the rest: `net/http.` and `(*conn).serve`. */
export function splitFunction(name: string): readonly [string, string] {
  // Type parameters have slashes and dots of their own.
  const end = name.search(/[[(]/);
  const slash = name.lastIndexOf("/", end === -1 ? name.length : end);
  const dot = name.indexOf(".", slash + 1);
  return dot === -1 ? ["", name] : [name.slice(0, dot + 1), name.slice(dot + 1)];
}

/** The last part of a path. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
