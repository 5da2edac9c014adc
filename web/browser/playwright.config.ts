// How the tests and pictures of the page run in a browser. scripts/web-page says where things are: GOSTAT_TEST_BINARY,
// GOSTAT_TEST_PROGRAMS (a folder with the Go programs) and GOSTAT_TEST_CHROMIUM.
import { defineConfig } from "@playwright/test";

/** Busy machines with two cores and no graphics card are slow; what takes longer does not come. */
const PATIENCE_MS = 120_000;

export default defineConfig({
  testDir: ".",
  outputDir: process.env.GOSTAT_TEST_OUTPUT ?? "results",
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 3 * PATIENCE_MS,
  expect: { timeout: PATIENCE_MS },
  reporter: [["list"]],
  projects: [
    { name: "tests", testMatch: "tests/*.spec.ts" },
    { name: "pictures", testMatch: "pictures/*.spec.ts" },
    { name: "figures", testMatch: "figures/*.spec.ts" },
  ],
  use: {
    browserName: "chromium",
    actionTimeout: PATIENCE_MS,
    navigationTimeout: PATIENCE_MS,
    viewport: { width: 1280, height: 800 },
    locale: "en-US",
    timezoneId: "UTC",
    colorScheme: "light",
    launchOptions: {
      executablePath: process.env.GOSTAT_TEST_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
        // WebGL without a graphics card.
        "--use-gl=angle",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
      ],
    },
  },
});
