// @vitest-environment happy-dom
// Names are chosen by whoever wrote the program that is looked at: in the page they are text.
import { render } from "preact";
import { expect, test, vi } from "vitest";
import { target } from "../src/api/targets.ts";
import { SeriesName } from "../src/charts/series_name.tsx";
import { poller, targetsSource } from "../src/polling/sources.ts";
import { FindingDetail } from "../src/views/findings/finding_detail.tsx";
import { FindingList } from "../src/views/findings/finding_list.tsx";
import { TargetRow } from "../src/views/overview/target_row.tsx";
import { Facts } from "../src/views/target/facts.tsx";
import { aFinding, aHistory, HOSTILE, targetJson } from "./samples.ts";

vi.stubGlobal("fetch", () => new Promise(() => undefined));

function shown(view: preact.ComponentChild): HTMLElement {
  const root = document.createElement("div");
  document.body.append(root);
  render(view, root);
  return root;
}

function expectText(root: HTMLElement): void {
  expect(root.textContent).toContain(HOSTILE);
  expect(root.querySelectorAll("img, script, [onerror], [style]")).toHaveLength(0);
}

const cause = { function: HOSTILE, file: HOSTILE, line: 1, count: 1, share: 1 };
const finding = aFinding({
  sentence: HOSTILE,
  evidence: [HOSTILE],
  fix: HOSTILE,
  service: HOSTILE,
  kind: { pathology: HOSTILE },
  causes: [cause],
  key: { package: HOSTILE, route: HOSTILE, pool: null },
  labels: { [HOSTILE]: HOSTILE },
});
const named = target(
  targetJson({
    name: HOSTILE,
    module: HOSTILE,
    executable: HOSTILE,
    error: HOSTILE,
    collect: HOSTILE,
    breaker: HOSTILE,
  }),
  "",
);

test("a finding and its line in the list", () => {
  expectText(shown(<FindingDetail finding={finding} />));
  expectText(shown(<FindingList findings={[finding]} chosen={undefined} />));
});

test("a process, in the list and by itself", () => {
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
  const table = shown(
    <table>
      <tbody>
        <TargetRow row={{ target: named, findings: [finding] }} />
      </tbody>
    </table>,
  );
  expectText(table);
  expectText(shown(<Facts of={named} />));
});

test("a series, and a stack of one function", () => {
  const series = aHistory({ [HOSTILE]: [1] }).series[0];
  if (!series) throw new Error("no series");
  expectText(shown(<SeriesName series={series} />));
  const frame = { function: HOSTILE, file: HOSTILE, line: 1, inlined: false };
  const stack = { frames: [frame], complete: true, created_by: frame, is_runtime: false };
  expectText(shown(<SeriesName series={{ ...series, kind: "stack", stack }} />));
});

test("an id of a process is no address of elsewhere", () => {
  poller.reading(targetsSource);
  const row = { target: target(targetJson({ id: "javascript:alert(1)//../x" }), ""), findings: [] };
  const root = shown(
    <table>
      <tbody>
        <TargetRow row={row} />
      </tbody>
    </table>,
  );
  expect(root.querySelector("a")?.getAttribute("href")).toBe("/ui/targets/javascript%3Aalert(1)%2F%2F..%2Fx");
});
