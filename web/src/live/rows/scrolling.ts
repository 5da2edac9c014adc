// Scrolling through more rows than a browser can make an element high: what is scrolled through is scaled down, and the
// rows in sight lie where the scroll bar says.

/** Browsers cut elements at 16 or 33 million pixels. */
export const HEIGHT_MAX = 8_000_000;

export interface Scrolled {
  /** Height of what is scrolled through. */
  readonly height: number;
  /** First row that is seen, and how many. */
  readonly first: number;
  readonly count: number;
  /** Where the first of them lies, in pixels from the top of what is scrolled through. */
  readonly top: number;
}

/** What is seen at a place of the scroll bar. */
export function scrolled(total: number, rowHeight: number, viewHeight: number, scrollTop: number): Scrolled {
  const full = total * rowHeight;
  const height = Math.min(full, HEIGHT_MAX);
  const count = Math.min(total, Math.ceil(viewHeight / rowHeight) + 1);
  if (full <= viewHeight) return { height, first: 0, count, top: 0 };
  const most = Math.max(height - viewHeight, 1);
  const at = Math.min(Math.max(scrollTop, 0), most);
  // Of the pixels that there would be, how many are above.
  const above = height === full ? at : (at / most) * (full - viewHeight);
  const first = Math.min(Math.floor(above / rowHeight), total - count);
  return { height, first, count, top: at - (above - first * rowHeight) };
}

/** Where the scroll bar must be for a row to be the first. */
export function scrollFor(row: number, total: number, rowHeight: number, viewHeight: number): number {
  const full = total * rowHeight;
  const height = Math.min(full, HEIGHT_MAX);
  if (full <= viewHeight) return 0;
  const above = Math.min(Math.max(row, 0) * rowHeight, full - viewHeight);
  return height === full ? above : (above / (full - viewHeight)) * (height - viewHeight);
}
