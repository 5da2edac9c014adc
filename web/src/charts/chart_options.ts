// How uPlot draws stacked areas in the colours of the page.
import type uPlot from "uplot";
import { compact } from "../format/figures.ts";
import { language } from "../i18n/language.ts";
import { colour } from "../theme/theme.ts";
import { type Gap, type Mark, paintGaps, paintMarks } from "./chart_paint.ts";

/** What a chart shows. Columns are the largest sum first: what lies on top is painted first. */
export interface Drawing {
  readonly colours: readonly string[];
  /** Whether a last column is a line of another time, over the areas. */
  readonly hasThen: boolean;
  readonly gaps: readonly Gap[];
  readonly marks: readonly Mark[];
}

export interface Heard {
  readonly onHover: (slot: number | undefined) => void;
  readonly onBrush: ((fromMs: number, toMs: number) => void) | undefined;
  /** Called while drawing: what is to be seen now. */
  readonly drawing: () => Drawing;
}

/** Narrower brushes were clicks. */
const BRUSH_PX_MIN = 6;

function tickFormat(first: number, last: number): Intl.DateTimeFormat {
  const days = (last - first) / 86_400;
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (days > 2)
    return new Intl.DateTimeFormat(language.value, {
      month: "numeric",
      day: "numeric",
      ...(days < 8 && time),
    });
  if (last - first < 600) time.second = "2-digit";
  return new Intl.DateTimeFormat(language.value, time);
}

function axes(): uPlot.Axis[] {
  const font = `11px system-ui, sans-serif`;
  const both = {
    stroke: colour("text-3"),
    font,
    grid: { stroke: colour("line"), width: 1 },
    ticks: { show: false },
  };
  return [
    {
      ...both,
      space: 80,
      size: 26,
      grid: { show: false },
      values: (_, splits) => {
        const format = tickFormat(splits[0] ?? 0, splits.at(-1) ?? 0);
        return splits.map((at) => format.format(at * 1_000));
      },
    },
    { ...both, size: 48, space: 36, values: (_, splits) => splits.map((value) => compact(value)) },
  ];
}

function areas(drawing: Drawing): uPlot.Series[] {
  const areas = drawing.colours.map((name): uPlot.Series => {
    const paint = colour(name);
    return {
      stroke: paint,
      fill: `color-mix(in srgb, ${paint} 72%, ${colour("surface")})`,
      width: 1,
      points: { show: false },
    };
  });
  const then: uPlot.Series = { stroke: colour("text"), width: 1.5, dash: [5, 4], points: { show: false } };
  return [{}, ...areas, ...(drawing.hasThen ? [then] : [])];
}

export function chartOptions(width: number, height: number, heard: Heard): uPlot.Options {
  const drawing = heard.drawing();
  return {
    width,
    height,
    padding: [10, 8, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: heard.onBrush !== undefined, y: false, setScale: false },
    },
    select: { show: heard.onBrush !== undefined, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: true },
      // Areas stand on zero, and have some air above.
      y: { range: (_, __, most) => [0, Math.max(most * 1.06, 4)] },
    },
    series: areas(drawing),
    bands: drawing.colours.slice(1).map((_, index) => ({ series: [index + 1, index + 2] })),
    axes: axes(),
    hooks: {
      drawClear: [(plot) => paintGaps(plot, heard.drawing().gaps)],
      draw: [(plot) => paintMarks(plot, heard.drawing().marks)],
      setCursor: [(plot) => heard.onHover(plot.cursor.idx ?? undefined)],
      setSelect: [
        (plot) => {
          const { left, width: wide } = plot.select;
          if (wide < BRUSH_PX_MIN) return;
          const at = (px: number) => plot.posToVal(px, "x") * 1_000;
          heard.onBrush?.(at(left), at(left + wide));
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}
