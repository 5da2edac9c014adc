// Stacked areas over time. The chart is made anew when its series, the theme or the language change; new numbers are
// only handed over.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { HistoryAnswer } from "../api/history.ts";
import { language } from "../i18n/language.ts";
import { theme } from "../theme/theme.ts";
import { chartOptions, type Drawing } from "./chart_options.ts";
import type { Mark } from "./chart_paint.ts";
import { colourName } from "./series_colours.ts";
import { type Column, stacked, times, unknownSpans } from "./stacking.ts";

interface StackedChartProps {
  readonly answer: HistoryAnswer;
  readonly then?: Column | undefined;
  readonly marks?: readonly Mark[];
  readonly height: number;
  /** What the chart shows, for those who do not see it. */
  readonly label: string;
  readonly onHover?: (slot: number | undefined) => void;
  readonly onBrush?: (fromMs: number, toMs: number) => void;
}

function drawingOf({ answer, then, marks }: StackedChartProps): Drawing {
  return {
    colours: answer.series.map(colourName).reverse(),
    hasThen: then !== undefined,
    gaps: unknownSpans(answer),
    marks: marks ?? [],
  };
}

function columnsOf({ answer, then }: StackedChartProps): uPlot.AlignedData {
  return [times(answer), ...stacked(answer).reverse(), ...(then ? [then] : [])];
}

export function StackedChart(props: StackedChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const drawing = drawingOf(props);
  const looks = [theme.value, language.value, drawing.hasThen, props.height, ...drawing.colours].join(" ");

  // `looks` has all that a chart cannot change later.
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const options = chartOptions(element.clientWidth, props.height, {
      drawing: () => drawingOf(latest.current),
      onHover: (slot) => latest.current.onHover?.(slot),
      onBrush: props.onBrush && ((from, to) => latest.current.onBrush?.(from, to)),
    });
    const made = new uPlot(options, columnsOf(latest.current), element);
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: props.height }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [looks]);

  const { answer, then } = props;
  // `columnsOf` takes nothing else of the properties.
  useEffect(() => plot.current?.setData(columnsOf(latest.current)), [answer, then]);

  return <div class="chart" ref={place} role="img" aria-label={props.label} />;
}
