/** A chart of numbers by day, drawn by uPlot. Loaded on demand. */
import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import { locale } from '../languages/text.ts';
import { useTheme } from '../theme/theme.ts';

export interface ChartLine {
  readonly values: readonly number[];
  readonly tone: 'ember' | 'sky';
}

export interface UsageChartProps {
  /** Description of the chart for screen readers. */
  readonly label: string;
  /** UTC days, oldest first. */
  readonly dates: readonly string[];
  readonly lines: readonly ChartLine[];
  /** What the numbers are; counts by default. */
  readonly unit?: 'count' | 'usd';
}

const heightPx = 180;
const daySeconds = 86_400;

export function UsageChart({ label, dates, lines, unit = 'count' }: UsageChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const theme = useTheme();

  useEffect(() => {
    if (!box.current) return;
    const chart = new UPlot(optionsFor(box.current, lines, unit), dataOf(dates, lines), box.current);
    const observer = new ResizeObserver(([entry]) => {
      if (entry) chart.setSize({ width: Math.floor(entry.contentRect.width), height: heightPx });
    });
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [dates, lines, unit, theme]);

  return <div ref={box} role="img" aria-label={label} dir="ltr" className="h-[180px] overflow-hidden text-faint" />;
}

function dataOf(dates: readonly string[], lines: readonly ChartLine[]): UPlot.AlignedData {
  return [dates.map((date) => Date.parse(date) / 1000), ...lines.map(({ values }) => [...values])];
}

function optionsFor(box: HTMLElement, lines: readonly ChartLine[], unit: 'count' | 'usd'): UPlot.Options {
  const { color, fontFamily } = getComputedStyle(box);
  const font = `12px ${fontFamily}`;
  const axis = { stroke: color, font, ticks: { show: false } };
  const day = new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'short', timeZone: 'UTC' });
  // A thousandth of a cent, or one.
  const lowest = unit === 'usd' ? -5 : 0;
  const least = 10 ** lowest;
  const number = new Intl.NumberFormat(locale(), { notation: 'compact', maximumSignificantDigits: 3 });
  return {
    width: box.clientWidth,
    height: heightPx,
    legend: { show: false },
    cursor: { show: false },
    tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), 'UTC'),
    scales: {
      // Half a day on both sides, for the bars at the ends.
      x: { range: (_chart, min, max) => [min - daySeconds / 2, max + daySeconds / 2] },
      y: { range: (_chart, _min, max) => [0, Math.max(least, max * 1.1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 30,
        incrs: [1, 2, 7, 14, 28, 91].map((days) => days * daySeconds),
        values: (_chart, splits) => splits.map((seconds) => day.format(seconds * 1000)),
        space: 64,
      },
      {
        ...axis,
        grid: { stroke: colorOf(box, 'line'), width: 1 },
        size: 48,
        incrs: Array.from({ length: 15 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** (power + lowest))).flat(),
        values: (_chart, splits) => splits.map((value) => number.format(value)),
      },
    ],
    series: [
      {},
      ...lines.map(({ tone }) => ({
        stroke: colorOf(box, tone),
        fill: colorOf(box, tone),
        paths: UPlot.paths.bars!(
          lines.length === 1 ? { size: [0.7, 36] } : { size: [0.38, 18], align: tone === 'ember' ? -1 : 1 },
        ),
        points: { show: false },
      })),
    ],
  };
}

/** A colour of the theme, for the canvas. */
function colorOf(box: HTMLElement, name: 'ember' | 'sky' | 'line'): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  box.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
