// Numbers, spans and moments as people read them, in the language of the page.
import { language } from "../i18n/language.ts";

export const UNKNOWN = "–";

const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

/** Formats are dear to make and cheap to use. */
function format<F extends Intl.NumberFormat | Intl.DateTimeFormat>(
  name: string,
  make: (tag: string) => F,
): F {
  const tag = language.value;
  const key = `${tag} ${name}`;
  const known = formats.get(key) ?? make(tag);
  formats.set(key, known);
  return known as F;
}

/** `12,345`, or a dash for what is not known. */
export function whole(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  return format("whole", (tag) => new Intl.NumberFormat(tag, { maximumFractionDigits: 0 })).format(value);
}

/** `12.3`: three digits at most behind it all. */
export function decimal(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  const digits = Math.abs(value) < 100 ? 1 : 0;
  return format(
    `decimal ${digits}`,
    (tag) => new Intl.NumberFormat(tag, { maximumFractionDigits: digits }),
  ).format(value);
}

/** `+12`, `−3`, `0`: a change always says which way. */
export function signed(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  const make = (tag: string) =>
    new Intl.NumberFormat(tag, {
      signDisplay: "exceptZero",
      maximumFractionDigits: Math.abs(value) < 10 ? 1 : 0,
    });
  return format(`signed ${Math.abs(value) < 10}`, make).format(value);
}

/** `1.2K`: for axes. */
export function compact(value: number): string {
  const make = (tag: string) => new Intl.NumberFormat(tag, { notation: "compact", maximumFractionDigits: 1 });
  return format("compact", make).format(value);
}

/** `12%`; what is there at all is never told as nothing. */
export function percent(share: number): string {
  const make = (tag: string) => new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 0 });
  const said = format("percent", make);
  return share > 0 && share < 0.005 ? `<${said.format(0.01)}` : said.format(share);
}

const UNITS = {
  en: { d: " d", h: " h", min: " min", s: " s", ms: " ms", gap: " " },
  zh: { d: " 天", h: " 小时", min: " 分", s: " 秒", ms: " 毫秒", gap: " " },
} as const;

/** `250 ms`, `12 s`, `3 min`, `2 h 5 min`, `4 d 2 h`: two units at most. */
export function span(ms: number): string {
  const unit = UNITS[language.value];
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}${unit.ms}`;
  const s = Math.round(ms / 1_000);
  if (s < 120) return `${s}${unit.s}`;
  const min = Math.round(s / 60);
  if (min < 60) return `${min}${unit.min}`;
  const pair = (large: string, small: string) => (small ? `${large}${unit.gap}${small}` : large);
  const [h, restMin] = [Math.floor(min / 60), min % 60];
  if (h < 48) return pair(`${h}${unit.h}`, restMin ? `${restMin}${unit.min}` : "");
  const [d, restH] = [Math.floor(h / 24), h % 24];
  return pair(`${d}${unit.d}`, restH ? `${restH}${unit.h}` : "");
}

const CLOCK: Intl.DateTimeFormatOptions = {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
};

/** `14:05:09`. */
export function clock(ms: number): string {
  return format("clock", (tag) => new Intl.DateTimeFormat(tag, CLOCK)).format(ms);
}

/** `21 Nov 2026, 14:05:09` in this machine's time zone, which it names. */
export function moment(ms: number): string {
  const options: Intl.DateTimeFormatOptions = {
    ...CLOCK,
    year: "numeric",
    month: "short",
    day: "numeric",
    timeZoneName: "short",
  };
  return format("moment", (tag) => new Intl.DateTimeFormat(tag, options)).format(ms);
}
