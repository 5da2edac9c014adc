// Values in a filter, as crates/analysis/src/filter/value.rs understands them.

/** A number, decimal or hexadecimal with `0x`. */
export function numberOf(text: string): number | undefined {
  if (/^0x[0-9a-f]+$/i.test(text)) return Number.parseInt(text.slice(2), 16);
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1e3,
  m: 60e3,
  min: 60e3,
  h: 3_600e3,
  d: 86_400e3,
};
const CENTURY_MS = 3.2e12;

/** A duration such as `90s`, `1h30m` or `1.5h`, in milliseconds. A number needs its unit, except 0. */
export function durationMs(text: string): number | undefined {
  if (text === "0") return 0;
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)([a-z]+)/giy)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== text) return undefined;
  let total = 0;
  for (const [, amount, unit] of parts) {
    const unitMs = unit === undefined || !Object.hasOwn(UNITS_MS, unit) ? undefined : UNITS_MS[unit];
    if (unitMs === undefined) return undefined;
    total += Number(amount) * unitMs;
  }
  return total < CENTURY_MS ? Math.round(total) : undefined;
}

/** A value as it must be written to be read back. */
export function quoted(value: string): string {
  return /^[\w.:/*%$·-]+$/.test(value) ? value : `'${value.replaceAll("'", "\\'")}'`;
}

/** The class of a wait reason, as crates/analysis/src/wait_class.rs has it. */
export function waitClass(reason: string): string {
  const plain = reason.replace(/ \((?:synctest|durable)\)$/, "");
  if (plain === "IO wait") return "io";
  if (plain === "sleep") return "sleep";
  if (plain === "select" || plain === "select (no cases)") return "select";
  if (plain === "semacquire" || /^sync\.(?:Cond\.Wait|Mutex\.Lock|WaitGroup\.Wait|RWMutex\.)/.test(plain))
    return "lock";
  return /^chan (?:receive|send)/.test(plain) ? "chan" : "other";
}
