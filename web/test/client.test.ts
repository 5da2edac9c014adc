// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import { api } from "../src/api/client.ts";
import { ApiError } from "../src/api/refusal.ts";
import { targetJson } from "./samples.ts";

afterEach(() => vi.unstubAllGlobals());

/** Answers all questions so, and gives what was asked. */
function agentThatSays(status: number, body: unknown) {
  const asked: { path: string; request: RequestInit }[] = [];
  vi.stubGlobal("fetch", (path: string, request: RequestInit) => {
    asked.push({ path, request });
    const said = typeof body === "string" ? body : JSON.stringify(body);
    return Promise.resolve(new Response(status === 204 ? null : said, { status }));
  });
  return asked;
}

async function troubleOf(answer: Promise<unknown>): Promise<ApiError> {
  const error = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error(`no ApiError: ${error}`);
  return error;
}

test("targets are asked for at the same origin", async () => {
  const asked = agentThatSays(200, { targets: [targetJson()] });
  expect((await api.targets())[0]?.name).toBe("shop");
  expect(asked[0]?.path).toBe("/api/v1/targets");
  expect(asked[0]?.request.credentials).toBe("same-origin");
});

test("ids and questions are escaped", async () => {
  const asked = agentThatSays(404, { error: "no", hint: null });
  await troubleOf(api.target("../x?y#z"));
  await troubleOf(api.history({ target: "a&by=stack", since: "1h", top: 5 }));
  expect(asked.map(({ path }) => path)).toEqual([
    "/api/v1/targets/..%2Fx%3Fy%23z",
    "/api/v1/history?target=a%26by%3Dstack&since=1h&top=5",
  ]);
});

test("a refusal has the agent's sentence and hint", async () => {
  agentThatSays(400, { error: "since=x: not a time", hint: "say 15m" });
  const error = await troubleOf(api.history({ target: "shop", since: "x" }));
  expect([error.trouble, error.message, error.hint]).toEqual(["refused", "since=x: not a time", "say 15m"]);
});

test("401 asks for a login, 502 is an agent that is away, HTML is strange", async () => {
  agentThatSays(401, { error: "a token is needed" });
  expect((await troubleOf(api.targets())).trouble).toBe("login");
  agentThatSays(502, "bad gateway");
  expect((await troubleOf(api.targets())).trouble).toBe("away");
  agentThatSays(200, "<html>");
  expect((await troubleOf(api.targets())).trouble).toBe("strange");
  agentThatSays(200, { targets: [targetJson({ pid: "42" })] });
  const error = await troubleOf(api.targets());
  expect([error.trouble, error.message]).toEqual(["strange", "targets[0].pid is not a number"]);
});

test("nobody there is an agent that is away", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed to fetch")));
  expect((await troubleOf(api.findings())).trouble).toBe("away");
});

test("the token goes into the body, and into no address or storage", async () => {
  const asked = agentThatSays(204, "");
  await api.logIn("0123456789abcdef");
  expect(asked[0]?.path).toBe("/api/v1/session");
  expect(asked[0]?.request.body).toBe('{"token":"0123456789abcdef"}');
  expect(JSON.stringify({ ...localStorage })).not.toContain("0123456789abcdef");
});
