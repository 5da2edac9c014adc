import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "../src/api/refusal.ts";
import { Poller } from "../src/polling/poller.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A question whose answers count how often it was asked; `trouble` is thrown instead, while there is any. */
function counter(everyMs = 1_000) {
  const state = { asked: 0, trouble: undefined as ApiError | undefined };
  const load = () => {
    state.asked += 1;
    return state.trouble ? Promise.reject(state.trouble) : Promise.resolve(state.asked);
  };
  return { state, source: { key: "counter", everyMs, load } };
}

test("a question of two views is asked once, again and again, until nobody wants it", async () => {
  const poller = new Poller();
  const { state, source } = counter();
  const [endFirst, endSecond] = [poller.subscribe(source), poller.subscribe(source)];
  await vi.advanceTimersByTimeAsync(0);
  expect(poller.reading(source).value.data).toBe(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(state.asked).toBe(3);
  endFirst();
  endSecond();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(state.asked).toBe(3);
  expect(poller.reading(source).value.data).toBe(3);
});

test("nothing is asked while nobody looks, and at once when somebody does again", async () => {
  const poller = new Poller();
  const { state, source } = counter();
  poller.subscribe(source);
  await vi.advanceTimersByTimeAsync(0);
  poller.pause(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.asked).toBe(1);
  poller.pause(false);
  await vi.advanceTimersByTimeAsync(0);
  expect(state.asked).toBe(2);
});

test("an agent that is away is asked ever more rarely; what was known stays", async () => {
  const poller = new Poller();
  const { state, source } = counter();
  poller.subscribe(source);
  await vi.advanceTimersByTimeAsync(0);
  state.trouble = new ApiError("away", "cannot be reached");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(poller.connection.value).toMatchObject({ kind: "away", why: "cannot be reached" });
  // After 1, 2, 4, 8, 16 s, then every 30 s.
  await vi.advanceTimersByTimeAsync(31_000);
  expect(state.asked).toBe(2 + 5);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(state.asked).toBe(2 + 5 + 2);
  expect(poller.reading(source).value.data).toBe(1);
  state.trouble = undefined;
  poller.retry();
  await vi.advanceTimersByTimeAsync(0);
  expect(poller.connection.value.kind).toBe("ok");
});

test("a login stops all questions until there is one", async () => {
  const poller = new Poller();
  const { state, source } = counter();
  state.trouble = new ApiError("login", "a token is needed", 401);
  poller.subscribe(source);
  await vi.advanceTimersByTimeAsync(60_000);
  expect([state.asked, poller.connection.value.kind]).toEqual([1, "login"]);
  state.trouble = undefined;
  poller.retry();
  await vi.advanceTimersByTimeAsync(0);
  expect(poller.connection.value.kind).toBe("ok");
  expect(poller.reading(source).value.data).toBe(2);
});

test("a refusal is told beside what was known, and is no trouble of the connection", async () => {
  const poller = new Poller();
  const { state, source } = counter();
  poller.subscribe(source);
  await vi.advanceTimersByTimeAsync(0);
  state.trouble = new ApiError("refused", "no such target", 404);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(poller.reading(source).value).toMatchObject({ data: 1, error: { status: 404 } });
  expect(poller.connection.value.kind).toBe("ok");
});

test("few questions are asked at a time", async () => {
  const poller = new Poller();
  let [open, most] = [0, 0];
  for (let index = 0; index < 20; index += 1) {
    const load = async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setTimeout(resolve, 100));
      open -= 1;
      return index;
    };
    poller.subscribe({ key: `slow ${index}`, everyMs: Number.POSITIVE_INFINITY, load });
  }
  await vi.advanceTimersByTimeAsync(2_000);
  expect([open, most]).toEqual([0, 4]);
});
