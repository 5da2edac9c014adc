// Which function of a stack says most about it: the innermost that is not of Go's standard library.
import type { CodePlace } from "../wire/head.ts";

const STANDARD = new Set(
  (
    "archive arena bufio builtin bytes cmp compress container context crypto database debug embed encoding errors " +
    "expvar flag fmt go hash html image index internal io iter log maps math mime net os path plugin reflect regexp " +
    "runtime simd slices sort strconv strings structs sync syscall testing text time unicode unique unsafe vendor weak"
  ).split(" "),
);

/** Whether a function belongs to Go's standard library, by the first part of its package's path. */
export function isStandard(name: string): boolean {
  const first = name.match(/^[^/.]*/)?.[0] ?? "";
  return STANDARD.has(first);
}

/** Of places in code, innermost first; `undefined` if there are none. */
export function ownPlace(stack: readonly CodePlace[]): CodePlace | undefined {
  return stack.find(({ function: name }) => !isStandard(name)) ?? stack[0];
}

/** The import path of a function's package, or `undefined` for one that belongs to none. */
export function packageOf(name: string): string | undefined {
  if (/^(?:type|go)[:.]/.test(name) && !/^go\.[a-z0-9-]+\//.test(name)) return undefined;
  const head = name.split(/[[({ ]/, 1)[0] ?? "";
  const dot = head.indexOf(".", head.lastIndexOf("/") + 1);
  if (dot < 1) return undefined;
  return head
    .slice(0, dot)
    .replace(/%([0-9a-f]{2})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
}
