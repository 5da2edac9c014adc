// How a target is looked at, in words: what, how often, and what keeps the agent from more.
import type { Target } from "../../api/targets.ts";
import { span } from "../../format/figures.ts";
import { printable } from "../../format/printable.ts";
import { words } from "../../i18n/language.ts";

function collectWord(collect: string): string {
  const { looks } = words.value;
  if (collect === "stacks") return looks.stacks;
  if (collect === "counts") return looks.counts;
  return collect === "off" ? looks.off : printable(collect);
}

/** `stacks, every 2 s`. */
function lookedAt(collect: string, intervalMs: number): string {
  return `${collectWord(collect)}, ${words.value.looks.every(span(intervalMs))}`;
}

export function lookWords(target: Target): string {
  if (!target.enabled || target.collect === "off") return words.value.looks.off;
  return lookedAt(target.collect, target.interval_ms);
}

/** Why it is not looked at as wanted; empty if it is. */
export function lookTroubles(target: Target): string[] {
  const { looks } = words.value;
  if (!target.enabled) return [looks.disabled];
  const found: string[] = [];
  if (target.breaker === "open") found.push(looks.open);
  if (target.breaker === "half-open") found.push(looks.halfOpen);
  if (target.collect !== target.collect_wanted || target.interval_ms > target.interval_wanted_ms) {
    found.push(looks.overBudget(lookedAt(target.collect_wanted, target.interval_wanted_ms)));
  }
  return found;
}
