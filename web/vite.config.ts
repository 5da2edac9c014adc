// How the page is built, tried and tested. `GOSTAT_WEB_DIST` is where a build goes (default: dist/), `GOSTAT_AGENT` the
// agent that `vite dev` asks (default: the address that an agent listens on).
import { defineConfig } from "vitest/config";
import { BASE } from "./src/router/base.ts";

const agent = process.env.GOSTAT_AGENT ?? "http://127.0.0.1:6068";
const asked = ["/api", "/readyz", "/healthz", "/targets"];

export default defineConfig({
  base: `${BASE}/`,
  build: {
    outDir: process.env.GOSTAT_WEB_DIST ?? "dist",
    // The output may lie outside of this folder; it holds nothing but a build.
    emptyOutDir: true,
    target: "es2022",
    // Nothing becomes a data: address but by decision, and no script is put into the page: see the policy in README.md.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    host: "127.0.0.1",
    proxy: Object.fromEntries(asked.map((path) => [path, { target: agent, ws: true }])),
  },
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    // For what never ends only: machines that build Rust meanwhile are slow.
    testTimeout: 60_000,
  },
});
