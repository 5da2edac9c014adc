// The places of a table's rows, in its order. A million are sorted as numbers, each with its place in its lowest bits:
// that is what engines sort fast.
import type { Picture } from "../picture.ts";
import { ownPlace } from "../stacks/own_function.ts";

export const SORTS = ["id", "status", "reason", "age", "p", "function", "place", "labels"] as const;
export type Sort = (typeof SORTS)[number];

/** Places fit below this; what is left of the 53 bits is the key. */
const PLACE = 2 ** 27;
const KEY_MAX = 2 ** 26 - 1;

/** Places that pass, sorted. `matches` says which pass; all with somebody in them do without. */
export function ordered(
  picture: Picture,
  matches: Uint8Array | undefined,
  sort: Sort,
  descending: boolean,
): Uint32Array {
  const { places, cohortOf } = picture;
  const keys = new Float64Array(places);
  const keyOf = KEYS[sort](picture);
  let count = 0;
  for (let place = 0; place < places; place += 1) {
    if (cohortOf[place] === 0 || (matches && matches[place] === 0)) continue;
    keys[count] = keyOf(place) * PLACE + place;
    count += 1;
  }
  const sorted = keys.subarray(0, count).sort();
  const order = new Uint32Array(count);
  for (let index = 0; index < count; index += 1) order[index] = (sorted[index] ?? 0) % PLACE;
  const exact = EXACT[sort]?.(picture);
  if (exact) settle(order, exact);
  return descending ? order.reverse() : order;
}

/** Puts right what keys were too coarse for: nearly sorted already, so this is a look at neighbours. */
function settle(order: Uint32Array, exact: ArrayLike<number>): void {
  for (let index = 1; index < order.length; index += 1) {
    const place = order[index] ?? 0;
    const value = exact[place] ?? 0;
    let at = index;
    while (at > 0 && (exact[order[at - 1] ?? 0] ?? 0) > value) {
      order[at] = order[at - 1] ?? 0;
      at -= 1;
    }
    order[at] = place;
  }
}

/** Numbers of 53 bits as keys of 26: exact where the range is small, as it mostly is. */
function scaled(values: Float64Array, places: number): (place: number) => number {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (let place = 0; place < places; place += 1) {
    const value = values[place] ?? 0;
    if (value <= 0) continue;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const range = most - least;
  const scale = range > KEY_MAX - 1 ? (KEY_MAX - 1) / range : 1;
  return (place) => {
    const value = values[place] ?? 0;
    return value > 0 ? Math.floor((value - least) * scale) + 1 : 0;
  };
}

/** Ranks of cohorts by a text. */
function byText(picture: Picture, textOf: (cohort: number) => string): (place: number) => number {
  const texts = [...picture.cohorts.keys()].map((number) => [textOf(number), number] as const);
  const distinct = [...new Set(texts.map(([text]) => text))].sort();
  const ranks = new Map(distinct.map((text, rank) => [text, rank]));
  const most = texts.reduce((most, [, number]) => Math.max(most, number), 0);
  const byCohort = new Uint32Array(most + 1);
  for (const [text, number] of texts) byCohort[number] = ranks.get(text) ?? 0;
  return (place) => byCohort[picture.cohortOf[place] ?? 0] ?? 0;
}

function shownPlace(picture: Picture, cohort: number) {
  return ownPlace((picture.cohorts.get(cohort)?.stack ?? []).map((number) => picture.codePlace(number)));
}

const KEYS: Readonly<Record<Sort, (picture: Picture) => (place: number) => number>> = {
  id: (picture) => scaled(picture.ids, picture.places),
  age: (picture) => {
    // The longest wait began first; those whose wait is not known are the youngest.
    const since = scaled(picture.sinceMs, picture.places);
    return (place) => {
      const key = since(place);
      return key === 0 ? 0 : KEY_MAX - key + 1;
    };
  },
  p: (picture) => (place) => Math.min((picture.ps[place] ?? -1) + 1, KEY_MAX),
  status: (picture) => byText(picture, (number) => picture.cohorts.get(number)?.status ?? ""),
  reason: (picture) => byText(picture, (number) => picture.cohorts.get(number)?.reason ?? ""),
  labels: (picture) => byText(picture, (number) => (picture.cohorts.get(number)?.labels ?? []).join("\n")),
  function: (picture) => byText(picture, (number) => shownPlace(picture, number)?.function ?? ""),
  place: (picture) =>
    byText(picture, (number) => {
      const place = shownPlace(picture, number);
      return place ? `${place.file}:${String(place.line).padStart(7, "0")}` : "";
    }),
};

const EXACT: Partial<Record<Sort, (picture: Picture) => ArrayLike<number>>> = {
  id: (picture) => picture.ids,
};
