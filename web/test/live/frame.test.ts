// Frames are read as they were written, real ones too; whatever else comes is refused and changes nothing.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Picture } from "../../src/live/picture.ts";
import { FrameError, read } from "../../src/live/wire/frame.ts";
import { firstHead, headOf, type Row, written } from "./writing.ts";

function recorded(number: number): ArrayBuffer {
  const bytes = readFileSync(new URL(`./frames/blocked-${number}.bin`, import.meta.url));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}

const row: fc.Arbitrary<Omit<Row, "place">> = fc.record({
  id: fc.maxSafeNat(),
  sinceMs: fc.nat(5_000_000),
  cohort: fc.integer({ min: 0, max: 4 }),
  p: fc.integer({ min: -1, max: 64 }),
});
const rows = fc
  .uniqueArray(fc.nat(500), { maxLength: 200 })
  .chain((places) =>
    fc.tuple(...places.sort((a, b) => a - b).map((place) => row.map((one) => ({ ...one, place })))),
  );

describe("a frame", () => {
  it("of a real process has its goroutines, and those after it follow", async () => {
    const picture = new Picture();
    for (const number of [1, 2, 3]) picture.apply(await read(recorded(number)));
    const there = [...picture.cohortOf].filter((cohort) => cohort > 0);
    // The test program `blocked` has 37 goroutines besides the runtime's own.
    expect(there.length).toBeGreaterThanOrEqual(37);
    const functions = there.flatMap((number) =>
      (picture.cohorts.get(number)?.stack ?? []).map((place) => picture.codePlace(place).function),
    );
    expect(functions).toContain("main.(*pool).get");
    expect(picture.head?.scheduler?.processors.length).toBeGreaterThan(0);
  });

  it("is read as it was written", async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.boolean(), async (all, isPacked) => {
        const picture = new Picture();
        picture.apply(await read(written(firstHead(4, 501), true, all, isPacked)));
        expect(picture.places).toBe(501);
        for (const { place, id, sinceMs, cohort, p } of all) {
          expect([
            picture.ids[place],
            picture.sinceMs[place],
            picture.cohortOf[place],
            picture.ps[place],
          ]).toEqual([id, sinceMs, cohort, p]);
        }
        const there = all.filter(({ cohort }) => cohort > 0).length;
        expect(picture.cohortOf.filter((cohort) => cohort > 0).length).toBe(there);
      }),
    );
  });

  it("that is damaged is refused, or is another; a refused one changes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (all, at, bits, cut) => {
          const frame = written(firstHead(4, 501), true, all, true);
          const bytes = new Uint8Array(frame);
          const place = at % bytes.length;
          bytes[place] = (bytes[place] ?? 0) ^ bits;
          const damaged = cut ? frame.slice(0, place) : frame;
          const picture = new Picture();
          try {
            picture.apply(await read(damaged));
          } catch (error) {
            expect(error).toBeInstanceOf(FrameError);
            expect([picture.head, picture.places]).toEqual([undefined, 0]);
          }
        },
      ),
    );
  });

  it("is refused if it does not follow, or tells of what was never described", async () => {
    const picture = new Picture();
    const one = { place: 0, id: 1, sinceMs: 0, cohort: 1, p: -1 };
    picture.apply(await read(written(firstHead(1, 4), true, [one])));
    const refused = async (frame: ArrayBuffer) => {
      const received = await read(frame);
      expect(() => picture.apply(received)).toThrow(FrameError);
    };
    await refused(written(headOf(3, { places: 4 }), false, []));
    await refused(written(headOf(2, { places: 4 }), false, [{ ...one, cohort: 9 }]));
    await refused(written(headOf(2, { places: 4 }), false, [{ ...one, place: 4 }]));
    await refused(written(headOf(2, { places: 2 ** 28 }), false, []));
    picture.apply(await read(written(headOf(2, { places: 4 }), false, [{ ...one, cohort: 0 }])));
    expect(picture.cohortOf[0]).toBe(0);
  });

  it("without a key, or with one of another type, is refused", async () => {
    const { places: _, ...without } = firstHead(1, 4);
    for (const head of [
      without,
      { ...firstHead(1, 4), places: -1 },
      { ...firstHead(1, 4), cohorts: 7 },
      [],
      null,
    ]) {
      await expect(read(written(head, true, []))).rejects.toThrow(FrameError);
    }
  });

  it("that claims more than it has is refused before room is made for it", async () => {
    const frame = written(firstHead(1, 1), true, [], true);
    new DataView(frame).setUint32(12, 400 * 1024 * 1024, true);
    new DataView(frame).setUint32(4, 400 * 1024 * 1024, true);
    await expect(read(frame)).rejects.toThrow("claims more");
  });
});
