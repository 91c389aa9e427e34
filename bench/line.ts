/** One line of the table, and the format of its figures. */
import type { Spread } from './measure.ts';

export interface Line {
  /** Its row, with what distinguishes it from other lines of the row. */
  readonly name: string;
  readonly ours: string;
  readonly bare: string;
  /** Ours compared with bare, or as `name` says. */
  readonly ratio: Spread | null;
  /** The goal as text; empty for figures that are only reported. */
  readonly goal: string;
  /** Null for figures that are only reported. */
  readonly met: boolean | null;
  /** Explains the figures. */
  readonly note: string;
}

export function written({ median, lowest, highest }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${lowest.toFixed(digits)}–${highest.toFixed(digits)})`;
}

export function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

const columns = ['row', 'Pollux', 'bare', 'ratio (lowest–highest)', 'goal', 'met'] as const;

function cells(line: Line): string[] {
  const met = line.met === null ? '' : line.met ? 'yes' : 'no';
  return [line.name, line.ours, line.bare, line.ratio === null ? '' : written(line.ratio), line.goal, met];
}

/** The table as Markdown without empty columns, padded so that it is readable in a terminal. */
export function table(lines: readonly Line[]): string {
  const all = lines.map(cells);
  const filled = columns.flatMap((_, column) => (all.some((row) => row[column] !== '') ? [column] : []));
  const rows = [[...columns], ...all].map((row) => filled.map((column) => row[column]!));
  const widths = filled.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const write = (row: readonly string[]) => `| ${row.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const [head, ...body] = rows.map(write);
  return [head, rule, ...body].join('\n');
}

export function notes(lines: readonly Line[]): string {
  return lines
    .filter(({ note }) => note !== '')
    .map(({ name, note }) => `- **${name}**: ${note}`)
    .join('\n');
}
