// What frames come to: all goroutines by their place in the runtime's list, as columns. The page's side of
// crates/live-frames/src/picture.rs, and checked against it by tests/pictures/against_page.rs there.
import { FrameError, type Received } from "./wire/frame.ts";
import type { CodePlace, Cohort, Head } from "./wire/head.ts";

/** Places that a list may have. */
const PLACES_MAX = 1 << 27;

const UNKNOWN_PLACE: CodePlace = { frame: 0, function: "?", file: "", line: 0 };

export class Picture {
  /** The head of the last frame. */
  head: Head | undefined;
  /** Places in use, from 0 on; the columns may be longer. */
  places = 0;
  ids = new Float64Array(0);
  /** Milliseconds of the target's monotonic clock; 0 if unknown. */
  sinceMs = new Float64Array(0);
  /** 0 if there is no goroutine in the place. */
  cohortOf = new Uint32Array(0);
  ps = new Int32Array(0);
  cohorts = new Map<number, Cohort>();
  frames = new Map<number, CodePlace>();

  /** Brings it up to date. Throws a {@link FrameError} if the frame does not follow; then nothing has changed. */
  apply({ head, isEverything, rows }: Received): void {
    this.#check({ head, isEverything, rows });
    if (isEverything) this.#clear();
    for (const entry of head.cohorts) this.cohorts.set(entry.cohort, entry);
    for (const entry of head.frames) this.frames.set(entry.frame, entry);
    this.#resize(head.places);
    const { ids, sinceMs, cohortOf, ps } = this;
    for (let index = 0; index < rows.places.length; index += 1) {
      const place = rows.places[index] ?? 0;
      ids[place] = rows.ids[index] ?? 0;
      sinceMs[place] = rows.sinceMs[index] ?? 0;
      cohortOf[place] = rows.cohorts[index] ?? 0;
      ps[place] = rows.ps[index] ?? -1;
    }
    // What is kept already is not kept twice.
    this.head = { ...head, cohorts: [], frames: [] };
  }

  /** As it is now; what becomes of this one does not change it. */
  copy(): Picture {
    const copy = new Picture();
    copy.head = this.head;
    copy.places = this.places;
    copy.ids = this.ids.slice(0, this.places);
    copy.sinceMs = this.sinceMs.slice(0, this.places);
    copy.cohortOf = this.cohortOf.slice(0, this.places);
    copy.ps = this.ps.slice(0, this.places);
    copy.cohorts = new Map(this.cohorts);
    copy.frames = new Map(this.frames);
    return copy;
  }

  /** The cohort of a place; `undefined` if nobody is there. */
  cohortAt(place: number): Cohort | undefined {
    return this.cohorts.get(this.cohortOf[place] ?? 0);
  }

  /** A place in code by its number; one that was never described has a question mark for a name. */
  codePlace(number: number): CodePlace {
    return this.frames.get(number) ?? UNKNOWN_PLACE;
  }

  #check({ head, isEverything, rows }: Received): void {
    const applied = this.head?.number ?? 0;
    if (!isEverything && head.number !== applied + 1) {
      throw new FrameError(`frame ${head.number} does not follow frame ${applied}`);
    }
    if (head.places > PLACES_MAX) throw new FrameError(`a list of ${head.places} goroutines`);
    const described = new Set(head.cohorts.map(({ cohort }) => cohort));
    const isDescribed = (cohort: number) =>
      cohort === 0 || described.has(cohort) || (!isEverything && this.cohorts.has(cohort));
    let last = 0;
    for (let index = 0; index < rows.places.length; index += 1) {
      const place = rows.places[index] ?? 0;
      if (place >= head.places) throw new FrameError(`place ${place} of ${head.places}`);
      const cohort = rows.cohorts[index] ?? 0;
      // Neighbours mostly do the same.
      if (cohort !== last && !isDescribed(cohort))
        throw new FrameError(`cohort ${cohort} was never described`);
      last = cohort;
    }
  }

  #clear(): void {
    this.places = 0;
    this.cohorts = new Map();
    this.frames = new Map();
    this.cohortOf.fill(0);
  }

  /** Rows that are new are empty. Columns grow by a quarter at least: lists grow place by place. */
  #resize(places: number): void {
    const [had, room] = [this.places, this.ids.length];
    this.places = places;
    if (places > room) {
      const length = Math.min(Math.max(places, Math.ceil(room * 1.25)), PLACES_MAX);
      const grown = <T extends Float64Array | Uint32Array | Int32Array>(into: T, from: T): T => {
        into.set(from);
        return into;
      };
      this.ids = grown(new Float64Array(length), this.ids);
      this.sinceMs = grown(new Float64Array(length), this.sinceMs);
      this.cohortOf = grown(new Uint32Array(length), this.cohortOf);
      this.ps = grown(new Int32Array(length), this.ps);
    }
    if (places > had) {
      this.ids.fill(0, had, places);
      this.sinceMs.fill(0, had, places);
      this.cohortOf.fill(0, had, places);
      this.ps.fill(-1, had, places);
    } else {
      this.cohortOf.fill(0, places, had);
    }
  }
}
