// Chinese: the board.

import type { Words } from "../english.ts";
import { n } from "./counted.ts";

export const board: Pick<Words, "board"> = {
  board: {
    title: "看板",
    basis: (count) =>
      `基于 ${n(count)} 个问题：所有未结束的，以及已恢复但代理仍保留的（alerts.findings.keep_resolved_s）。`,
    map: "问题在哪里：端点 × 包",
    mapHint: "每格：问题涉及的 goroutine 数与问题个数。颜色表示最严重的级别。",
    noRoute: "无端点",
    noPackage: "无包名",
    functions: "泄漏 goroutine 最多的函数",
    columns: { function: "函数", goroutines: "Goroutine", share: "占比", findings: "问题", services: "服务" },
    times: "时间",
    detect: "发现用时：从首次发现到告警",
    resolve: "恢复用时：从告警到恢复",
    median: "中位数",
    mean: "平均",
    most: "最长",
    of: (count) => `共 ${n(count)} 个问题`,
    notYet: "还没有可供统计的问题。",
    empty: "没有问题，无可显示。",
    emptyHint: "代理发现问题后，看板才有内容。gostat agent drill 可检验告警能否送达。",
  },
};
