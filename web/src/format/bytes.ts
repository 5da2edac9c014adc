// Amounts of memory.
import { decimal } from "./figures.ts";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `12.1 KiB`. */
export function bytes(amount: number): string {
  let [value, unit] = [amount, 0];
  while (value >= 1_024 && unit < UNITS.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  return `${decimal(value)} ${UNITS[unit]}`;
}
