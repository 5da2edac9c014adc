// Filters mean what they mean to `gostat dump --filter`, and half-typed ones are refused with a reason.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Evaluator } from "../../src/live/filter/evaluate.ts";
import { FilterError } from "../../src/live/filter/expression.ts";
import { parseFilter } from "../../src/live/filter/parse.ts";
import { durationMs, numberOf, quoted, waitClass } from "../../src/live/filter/text.ts";
import { Picture } from "../../src/live/picture.ts";
import { read } from "../../src/live/wire/frame.ts";
import { cohort, firstHead, written } from "./writing.ts";

const picture = new Picture();
beforeAll(async () => {
  const head = {
    ...firstHead(0, 4),
    cohorts: [
      cohort(1, { labels: [["tenant", "acme"]], locked_to_thread: true }),
      cohort(2),
      cohort(3, { reason: "sync.Mutex.Lock", is_runtime: true }),
    ],
  };
  const now = head.at_monotonic_ms;
  picture.apply(
    await read(
      written(head, true, [
        { place: 0, id: 10, sinceMs: now - 600_000, cohort: 1, p: -1 },
        { place: 1, id: 11, sinceMs: 0, cohort: 2, p: 2 },
        { place: 2, id: 12, sinceMs: now - 1_000, cohort: 3, p: -1 },
      ]),
    ),
  );
});

function passing(filter: string): number[] {
  const expression = parseFilter(filter);
  if (!expression) return [10, 11, 12];
  const evaluator = new Evaluator(expression, picture);
  return [0, 1, 2, 3].filter((place) => evaluator.matches(place)).map((place) => picture.ids[place] ?? 0);
}

describe("a filter", () => {
  it.each([
    ["", [10, 11, 12]],
    ["state=waiting", [10, 12]],
    ["status!=waiting", [11]],
    ["reason='chan receive'", [10]],
    ["reason~^sync", [12]],
    ["waits=lock", [12]],
    ["func=main.worker", [10]],
    ["pkg=net/http", [11]],
    ["file~main\\.go", [10, 11, 12]],
    ["label.tenant=acme", [10]],
    ["label.tenant!=acme", [11, 12]],
    ["age>5m", [10]],
    ["age<5m", [12]],
    ["not age>5m", [11, 12]],
    ["p=2", [11]],
    ["p>=0", [11]],
    ["not p>=0", [10, 12]],
    ["id>10 and id<=12", [11, 12]],
    ["locked or runtime", [10, 12]],
    ["!locked && !runtime", [11]],
    ["(state=waiting or p=2) and age>5m", [10]],
    ["WORKER", [10]],
    ["onerror", [12]],
    ["conn serve", [11]],
    ['"chan receive"', [10]],
    ["worker age>1h", []],
  ])("%s", (filter, ids) => {
    expect(passing(filter)).toEqual(ids);
  });

  it.each([
    ["state=", "value"],
    ["state", "needsComparison"],
    ["state=wating", "badValue"],
    ["stat=waiting", "unknownField"],
    ["meaning=MUTEX", "elsewhere"],
    ["locked=1", "takesNoValue"],
    ["state>waiting", "badOperator"],
    ["age~5", "badOperator"],
    ["age>5", "badValue"],
    ["func~(", "badPattern"],
    ["(state=waiting", "unclosed"],
    ["reason='chan", "unclosedQuote"],
    ["state=waiting and", "term"],
    ["state=waiting )", "term"],
    ["(".repeat(70), "tooDeep"],
  ])("%s is refused", (filter, trouble) => {
    let refused: unknown;
    try {
      parseFilter(filter);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(FilterError);
    expect((refused as FilterError).trouble).toBe(trouble);
  });

  it("is understood or refused, whatever is typed", () => {
    const piece = fc.constantFrom(
      "state",
      "=",
      "~",
      "(",
      ")",
      "'",
      '"',
      " ",
      "and",
      "not",
      "!",
      "||",
      "age",
      ">",
      "5m",
      "x",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join("")),
        ),
        (text) => {
          try {
            parseFilter(text);
          } catch (error) {
            expect(error).toBeInstanceOf(FilterError);
          }
        },
      ),
    );
  });

  it("finds a value that was quoted", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        // A backslash before a quote is the one thing that cannot be written.
        fc.pre(!value.includes("\\"));
        const parsed = parseFilter(`reason=${quoted(value)}`);
        expect(parsed?.kind === "text" && parsed.test(value)).toBe(true);
      }),
    );
  });
});

it("durations need units, as in the Rust side's test", () => {
  const read = { "5m": 300_000, "1h30m": 5_400_000, "1.5s": 1_500, "20ms": 20, "2d": 172_800_000, "0": 0 };
  for (const [text, ms] of Object.entries(read)) expect(durationMs(text)).toBe(ms);
  for (const text of ["", "5", "m", "5y", "-5m", "1..5s", "5m3", "99999999999999d"]) {
    expect(durationMs(text)).toBeUndefined();
  }
  expect([numberOf("0x1f"), numberOf("-1"), numberOf("1e3")]).toEqual([31, -1, undefined]);
});

it("reasons of all releases have their class, as in the Rust side's test", () => {
  expect(
    [
      "chan receive",
      "chan send (nil chan)",
      "chan receive (synctest)",
      "select (no cases)",
      "semacquire",
    ].map(waitClass),
  ).toEqual(["chan", "chan", "chan", "select", "lock"]);
  expect(
    ["sync.RWMutex.RLock", "sync.WaitGroup.Wait (durable)", "IO wait", "sleep", "coroutine"].map(waitClass),
  ).toEqual(["lock", "lock", "io", "sleep", "other"]);
});
