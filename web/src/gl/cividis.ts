// Cividis: a scale that looks the same to the colour-blind, from dark blue to yellow (Nuñez, Anderton, Renslow 2018).
// Nine of its colours; those between are mixed.
const STOPS = [
  [0, 34, 78],
  [18, 53, 112],
  [59, 73, 108],
  [87, 93, 109],
  [112, 113, 115],
  [138, 134, 120],
  [165, 156, 116],
  [195, 179, 105],
  [254, 232, 56],
] as const;

/** The colour at a place from 0 to 1, its parts from 0 to 255. */
export function cividis(at: number): [number, number, number] {
  const place = Math.min(Math.max(at, 0), 1) * (STOPS.length - 1);
  const low = Math.min(Math.floor(place), STOPS.length - 2);
  const [from, to] = [STOPS[low] ?? STOPS[0], STOPS[low + 1] ?? STOPS[0]];
  const mix = (index: 0 | 1 | 2) => from[index] + (to[index] - from[index]) * (place - low);
  return [mix(0), mix(1), mix(2)];
}

/** All of it from left to right, as CSS has it; browsers mix what is between as shaders do. */
export const cividisGradient = `linear-gradient(to right, ${STOPS.map((parts) => `rgb(${parts.join(" ")})`).join(", ")})`;

/** All of it for a shader, numbers from 0 to 1. */
export const CIVIDIS_STOPS = STOPS.length;
export const cividisUniform = Float32Array.from(STOPS.flat().map((part) => part / 255));
