// What a million goroutines cost: npx vitest bench --run. Figures are in README.md.
import { bench, describe } from "vitest";
import { WIDTH } from "../../src/live/cells/texture.ts";
import { parseFilter } from "../../src/live/filter/parse.ts";
import { Watch } from "../../src/live/watch.ts";
import { read } from "../../src/live/wire/frame.ts";
import { geometryOf } from "../../src/views/map/geometry.ts";
import { firstHead, headOf, type Row, written } from "./writing.ts";

const MILLION = 1_000_000;
const COHORTS = 200;

const rowOf = (place: number, turn: number): Row => ({
  place,
  id: place + 1,
  sinceMs: 4_000_000 + (place % 977),
  cohort: 1 + ((place + turn) % COHORTS),
  p: place % 5_000 === 0 ? place % 8 : -1,
});
const everything = written(
  firstHead(COHORTS, MILLION),
  true,
  Array.from({ length: MILLION }, (_, place) => rowOf(place, 0)),
  true,
);
const once = { iterations: 5, warmupIterations: 1, time: 0, warmupTime: 0 };

const full = await read(everything);
const watch = new Watch();
watch.take(full);
watch.patch(true);
let number = 1;
const nothing = { bytes: 0, rows: 0, decodeMs: 0, applyMs: 0 };

/** One goroutine of a hundred, side by side as new ones are, or all over the list. */
async function delta(step: number) {
  number += 1;
  const rows = Array.from({ length: MILLION / 100 }, (_, index) => rowOf(index * step, number));
  return read(written(headOf(number, { places: MILLION }), false, rows, true));
}

describe("a million goroutines, worker", () => {
  bench("read a frame with all", async () => void (await read(everything)), once);
  bench("take a frame with all", () => void new Watch().take(full), once);
  for (const [name, step] of [
    ["beside one another", 1],
    ["all over", 100],
  ] as const) {
    bench(
      `take and patch 1 % that changed, ${name} (with making the frame)`,
      async () => {
        watch.take(await delta(step));
        const patch = watch.patch(false);
        if (patch && patch.words.length > MILLION * 4 * WIDTH) throw new Error("a patch that is too large");
      },
      once,
    );
  }
  bench("filter by function", () => watch.filter(parseFilter("func~worker")), once);
  bench("filter by age", () => watch.filter(parseFilter("age>5m")), once);
  bench(
    "sort by id, give 60 rows",
    () => {
      watch.filter(undefined);
      watch.rows({ sort: "id", descending: true, first: 500_000, count: 60 });
    },
    once,
  );
  bench("stacks", () => void watch.stacks(), once);
});

describe("a million goroutines, page", () => {
  const tick = watch.tick(nothing, false);
  bench("geometry of a tick", () => {
    if (tick) geometryOf({ columns: tick.columns.length, cells: tick.cells, ps: tick.ps }, 1_000, 560);
  });
});
