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
export function lookWords(target: Target): string {
  const { looks } = words.value;
  if (!target.enabled || target.collect === "off") return looks.off;
  return `${collectWord(target.collect)}, ${looks.every(span(target.interval_ms))}`;
}

/** Why it is not looked at as wanted; empty if it is. */
export function lookTroubles(target: Target): string[] {
  const { looks } = words.value;
  if (!target.enabled) return [looks.disabled];
  const found: string[] = [];
  if (target.breaker === "open") found.push(looks.open);
  if (target.breaker === "half-open") found.push(looks.halfOpen);
  if (target.collect !== target.collect_wanted) found.push(looks.less(collectWord(target.collect_wanted)));
  if (target.interval_ms > target.interval_wanted_ms)
    found.push(looks.slower(span(target.interval_wanted_ms)));
  return found;
}
