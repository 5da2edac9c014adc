// @vitest-environment happy-dom
// The overview says what piles up: each line once, the worst first, with the way to the finding and to the map.
import { render } from "preact";
import { expect, test } from "vitest";
import { target } from "../src/api/targets.ts";
import { Piling, pileUps } from "../src/views/overview/piling.tsx";
import { rows } from "../src/views/overview/rows.ts";
import { aFinding, HOSTILE, targetJson } from "./samples.ts";

const order = { filter: "", sort: "name", descending: false } as const;
const shop = target(targetJson(), "");
const of = (...findings: ReturnType<typeof aFinding>[]) => pileUps(rows([shop], findings, order));
const at = (name: string) => [{ function: name, file: "/src/a.go", line: 3, count: 1, share: 1 }];

test("each line of a service is there once, the worst first", () => {
  const piles = of(
    aFinding({ id: "info", severity: "info", count: 900, causes: at("a.info") }),
    aFinding({ id: "less", severity: "warning", count: 8, causes: at("a.leak") }),
    aFinding({ id: "leak", count: 9, causes: at("a.leak") }),
    aFinding({ id: "more", count: 10, causes: at("a.more") }),
  );
  expect(piles.map(({ finding }) => finding.id)).toEqual(["more", "leak", "info"]);
  expect(piles[0]?.target).toBe(shop);
});

test("what is over, silenced, a drill, without goroutines or without a place is left out", () => {
  const over = aFinding({ state: "resolved" });
  const others = [{ silenced_by: 1 }, { is_test: true }, { count: 0 }, { causes: [] }].map((one) =>
    aFinding(one),
  );
  expect(of(over, ...others)).toEqual([]);
  // Of several processes there is no single map.
  expect(of(aFinding({ targets_total: 2 }))[0]?.target).toBeUndefined();
  const many = Array.from({ length: 20 }, (_, number) =>
    aFinding({ id: `${number}`, causes: at(`f${number}`) }),
  );
  expect(of(...many)).toHaveLength(8);
});

test("a line leads to its finding and to its goroutines on the map; names are text", () => {
  const root = document.createElement("div");
  const finding = aFinding({ causes: at(`main.it's ${HOSTILE}`), count: 1_234, per_minute: 4.2 });
  render(<Piling rows={rows([shop], [finding], order)} />, root);
  expect(root.textContent).toContain("1,234 +4.2 per minute");
  expect(root.textContent).toContain("a.go:3");
  const links = [...root.querySelectorAll("a")].map((link) => new URL(link.href, "http://a"));
  expect(links.map(({ pathname }) => pathname)).toEqual([
    `/ui/findings/${finding.id}`,
    "/ui/targets/42-7",
    "/ui/targets/42-7/map",
  ]);
  expect(links[2]?.searchParams.get("q")).toBe(`func='main.it\\'s ${HOSTILE}'`);
  expect(root.querySelectorAll("img, script, [onerror]")).toHaveLength(0);
});
