// English: the board.
import { some } from "./counted.ts";

export const board = {
  board: {
    title: "Board",
    basis: (count: number) =>
      `Of ${some(count, "finding", "findings")}: all that are not over, and those resolved that the agent still keeps (alerts.findings.keep_resolved_s).`,
    map: "Where it hurts: endpoint × package",
    mapHint: "Each field: goroutines in findings, and how many findings. Colour is the worst severity.",
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
    notYet: "No finding to tell it from yet.",
    empty: "No findings: there is nothing to show.",
    emptyHint:
      "The board fills when the agent finds something. gostat agent drill tells whether alerts would arrive.",
  },
};
