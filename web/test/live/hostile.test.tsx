// @vitest-environment happy-dom
// Names in live views are chosen by whoever wrote the program that is looked at: in the page they are text.
import { render } from "preact";
import { expect, test, vi } from "vitest";
import type { Chain } from "../../src/api/goroutine.ts";
import type { ShownRow } from "../../src/live/rows/window.ts";
import { ChainPicture } from "../../src/views/goroutine/chain_picture.tsx";
import { ChainText } from "../../src/views/goroutine/chain_text.tsx";
import { GoroutineRow } from "../../src/views/goroutines/row.tsx";
import { Who } from "../../src/views/live/who.tsx";
import { HOSTILE } from "../samples.ts";

vi.stubGlobal("fetch", () => new Promise(() => undefined));

const place = { frame: 0, function: HOSTILE, file: HOSTILE, line: 3 };
const row: ShownRow = {
  id: 7,
  status: "waiting",
  reason: HOSTILE,
  ageMs: 1,
  p: null,
  own: place,
  missing: HOSTILE,
  labels: [[HOSTILE, HOSTILE]],
  isRuntime: false,
};
const object = {
  kind: HOSTILE,
  address: HOSTILE,
  direction: HOSTILE,
  len: null,
  cap: null,
  closed: null,
  locked: null,
  waiters: null,
  counter: null,
  reader_count: null,
};
const end: Chain = {
  id: 8,
  status: HOSTILE,
  wait_reason: HOSTILE,
  waiting_since_ms: null,
  at: place,
  deadlocked: true,
  seen: null,
  cut: true,
  waits: [],
};
const waker = { hold: HOSTILE, probable: true, frame: place, depth: 0, alike: 0, goroutine: end };
const wait = {
  object,
  waiting: 1,
  position: 1,
  fires_in_ms: 1,
  complete: true,
  wakers_left_out: 1,
  wakers: [waker],
};
const chain: Chain = { ...end, id: 7, waits: [wait] };

test.each([
  [
    "row",
    <GoroutineRow
      key="row"
      row={row}
      number={0}
      target={HOSTILE}
      isChosen={false}
      onChoose={() => undefined}
    />,
  ],
  ["note", <Who key="who" row={row} />],
  ["drawn chain", <ChainPicture key="picture" chain={chain} target={HOSTILE} />],
  ["written chain", <ChainText key="text" chain={chain} target={HOSTILE} />],
])("a hostile name in a %s is text", (_, view) => {
  const root = document.createElement("div");
  document.body.append(root);
  render(view, root);
  expect(root.textContent).toContain("onerror");
  expect(root.querySelectorAll("img, script, [onerror]")).toHaveLength(0);
  for (const link of root.querySelectorAll("a"))
    expect(link.getAttribute("href")).toMatch(/^\/ui\/targets\//);
});
