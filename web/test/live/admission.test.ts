// Why a connection was not let in, asked of a server that answers as the agent does.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { refusalOf } from "../../src/live/admission.ts";
import type { Connection } from "../../src/live/messages.ts";
import { FrameSocket } from "../../src/live/socket.ts";

let server: Server | undefined;

afterEach(() => {
  vi.unstubAllGlobals();
  server?.close();
  server = undefined;
});

async function serverThatSays(status: number, body: string): Promise<string> {
  const started = createServer((_, response) => response.writeHead(status).end(body));
  server = started;
  await new Promise<void>((done) => started.listen(0, "127.0.0.1", done));
  return `ws://127.0.0.1:${(started.address() as AddressInfo).port}/api/v1/targets/1-2/live`;
}

/** A socket that is never let in: all that a browser tells of it. */
class ClosedSocket {
  onclose: ((event: { code: number; reason: string }) => void) | undefined;

  constructor() {
    queueMicrotask(() => this.onclose?.({ code: 1006, reason: "" }));
  }

  close(): void {
    this.onclose = undefined;
  }
}

/** What a viewer is told who is not let in, after "connecting". */
async function told(url: string): Promise<Connection> {
  vi.stubGlobal("WebSocket", ClosedSocket);
  let socket: FrameSocket | undefined;
  const connection = await new Promise<Connection>((resolve) => {
    socket = new FrameSocket(url, {
      frame: () => Promise.resolve(),
      connection: (said) => said.kind !== "connecting" && resolve(said),
    });
    socket.open();
  });
  socket?.close();
  return connection;
}

test("a refusal is the agent's own sentence", async () => {
  const url = await serverThatSays(503, '{"error":"8 viewers already","hint":"close one"}');
  const refusal = await refusalOf(url);
  expect([refusal?.status, refusal?.message, refusal?.hint]).toEqual([503, "8 viewers already", "close one"]);
  expect(await told(url)).toMatchObject({ kind: "refused", why: "8 viewers already", hint: "close one" });
});

test("who would be let in tries again at once", async () => {
  for (const status of [400, 426]) {
    const url = await serverThatSays(status, "no upgrade");
    expect(await refusalOf(url)).toBeUndefined();
    expect(await told(url)).toMatchObject({ kind: "reconnecting", why: "" });
    server?.close();
  }
});

test("who has no session is sent to log in", async () => {
  expect(await told(await serverThatSays(401, '{"error":"a token is wanted"}'))).toEqual({ kind: "login" });
});

test("a target that the agent does not know is looked for a little longer", async () => {
  const url = await serverThatSays(404, '{"error":"no such target"}');
  expect(await told(url)).toMatchObject({ kind: "reconnecting", why: "no such target" });
  let nowMs = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    nowMs += 7_000;
    return nowMs;
  });
  expect(await told(url)).toEqual({ kind: "ended", why: "no such target" });
});

test("where nobody answers, nothing is made up", async () => {
  const url = await serverThatSays(200, "");
  await new Promise((done) => server?.close(done));
  expect(await refusalOf(url)).toBeUndefined();
});
