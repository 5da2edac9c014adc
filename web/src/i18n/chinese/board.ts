// Chinese: the board.

import type { Words } from "../english.ts";
import { n } from "./counted.ts";

export const board: Pick<Words, "board"> = {
  board: {
    title: "看板",
    range: "范围",
    ranges: { "24h": "24 小时", "7d": "7 天", "30d": "30 天", all: "全部" },
    basis: (count, times) => `基于这段时间内出现过的 ${n(count)} 个问题，共 ${n(times)} 次。`,
    reaches: (moment) => `历史最早到 ${moment}。`,
    noHistory: "代理不保留历史：这里只有未结束的问题，以及代理仍记得的已恢复问题。",
    tooShort: "所选范围早于历史的起点：更早的情况未知。",
    leftOut: (count) => `这段时间另有 ${n(count)} 个问题未能列出。`,
    map: "问题在哪里：端点 × 包",
    mapHint: "每格：问题最多时涉及的 goroutine 数与问题个数。颜色表示最严重的级别。",
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
    timesOf: (count) => `共 ${n(count)} 次`,
    notYet: "还没有可供统计的问题。",
    empty: "这段时间没有问题，无可显示。",
    emptyHint: "代理发现问题后，看板才有内容。gostat agent drill 可检验告警能否送达。",
  },
};
