// English: the board.
import { some } from "./counted.ts";

export const board = {
  board: {
    title: "Board",
    range: "Range",
    ranges: { "24h": "24 h", "7d": "7 d", "30d": "30 d", all: "all" },
    basis: (count: number, times: number) =>
      `Of ${some(count, "finding", "findings")} of this time, which came ${some(times, "time", "times")} in all.`,
    reaches: (moment: string) => `The history reaches back to ${moment}.`,
    noHistory:
      "The agent keeps no history: these are those that are not over, and those resolved that it remembers.",
    tooShort: "The range begins before that: of the time before, nothing is known.",
    leftOut: (count: number) =>
      `${some(count, "more finding", "more findings")} of this time could not be listed.`,
    map: "Where it hurts: endpoint × package",
    mapHint:
      "Each field: goroutines in findings, at their most, and how many findings. Colour is the worst severity.",
    noRoute: "no endpoint",
    noPackage: "no package",
    functions: "Functions with most leaked goroutines",
    columns: {
      function: "Function",
      goroutines: "Goroutines",
      share: "Share",
      findings: "Findings",
      services: "Services",
    },
    times: "Times",
    detect: "To detect: from first seen to firing",
    resolve: "To resolve: from firing to resolved",
    median: "median",
    mean: "mean",
    most: "longest",
    of: (count: number) => `of ${some(count, "finding", "findings")}`,
    timesOf: (count: number) => `of ${some(count, "time", "times")}`,
    notYet: "No finding to tell it from yet.",
    empty: "No findings in this time: there is nothing to show.",
    emptyHint:
      "The board fills when the agent finds something. gostat agent drill tells whether alerts would arrive.",
  },
};
