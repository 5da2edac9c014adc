// Builds the page as it is shipped, and holds it to its budget and to the policy that it is served under.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Bytes of everything, and of what is needed before the first view is there; both gzipped. See README.md. */
const ALL_BYTES_MAX = 200_000;
const START_BYTES_MAX = 60_000;

const root = fileURLToPath(new URL("..", import.meta.url));
const output = mkdtempSync(join(tmpdir(), "gostat-web-"));
const files = new Map<string, string>();

beforeAll(async () => {
  await build({ root, logLevel: "silent", build: { outDir: output } });
  for (const entry of readdirSync(output, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(output.length + 1), readFileSync(path, "utf8"));
  }
}, 120_000);

afterAll(() => rmSync(output, { recursive: true, force: true }));

const packed = (names: Iterable<string>) =>
  [...names].reduce((sum, name) => sum + gzipSync(files.get(name) ?? "").byteLength, 0);
const page = () => files.get("index.html") ?? "";

test("all of it, and its beginning, are within their budgets", () => {
  const start = [...page().matchAll(/(?:src|href)="\/ui\/([^"]+)"/g)].map(([, name]) => name ?? "");
  expect(start.length).toBeGreaterThan(1);
  for (const name of start) expect([...files.keys()]).toContain(name);
  const sizes = { all: packed(files.keys()), start: packed(["index.html", ...start]) };
  // biome-ignore lint/suspicious/noConsole: the sizes are what one wants to know of this test.
  console.info(`gzipped: ${sizes.all} bytes in all, ${sizes.start} before the first view`);
  expect(sizes.all).toBeLessThan(ALL_BYTES_MAX);
  expect(sizes.start).toBeLessThan(START_BYTES_MAX);
});

test("nothing in the page is inline, and nothing is from elsewhere", () => {
  expect(page()).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
  for (const [, attributes, content] of page().matchAll(/<script([^>]*)>([^<]*)</g)) {
    expect(attributes).toContain("src=");
    expect(content).toBe("");
  }
  for (const [name, text] of files) {
    expect(text, name).not.toMatch(/\beval\(|new Function\(|@import/);
    // Names of namespaces and links in licences are no requests: what loads something has a quote before it.
    for (const [, host] of text.matchAll(/["'`(](?:https?:)?\/\/([\w.-]+)/g))
      expect(host, name).toBe("www.w3.org");
  }
});

test("names of assets change with their content, so that they may be kept for ever", () => {
  for (const name of files.keys()) {
    if (name !== "index.html") expect(name).toMatch(/^assets\/[\w.-]+-[\w-]{8}\.(js|css|svg)$/);
  }
});
