// A line as small as a word: how a number went, without axes.
import type { Column } from "./stacking.ts";

const WIDTH = 120;
const HEIGHT = 24;
const PAD = 2;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Pieces of line between gaps. */
function pieces(column: Column): Point[][] {
  const known = column.filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  // What hardly changes is drawn flat, not blown up to a mountain.
  const range = Math.max(most - least, most * 0.1, 4);
  const middle = (most + least) / 2;
  const top = Math.max(middle + range / 2, most);
  const found: Point[][] = [[]];
  for (const [index, value] of column.entries()) {
    if (value === null) found.push([]);
    else {
      const x = PAD + (index / Math.max(column.length - 1, 1)) * (WIDTH - 2 * PAD);
      found.at(-1)?.push({ x, y: PAD + ((top - value) / range) * (HEIGHT - 2 * PAD) });
    }
  }
  return found.filter((piece) => piece.length > 0);
}

const at = ({ x, y }: Point) => `${x.toFixed(1)} ${y.toFixed(1)}`;

export function Sparkline({ column, label }: { column: Column; label: string }) {
  const drawn = pieces(column);
  const end = drawn.at(-1)?.at(-1);
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <title>{label}</title>
      {drawn.map((piece) => (
        <path key={piece[0]?.x} d={`M${piece.map(at).join("L")}${piece.length === 1 ? "h.1" : ""}`} />
      ))}
      {end && <circle cx={end.x} cy={end.y} r="2" />}
    </svg>
  );
}
