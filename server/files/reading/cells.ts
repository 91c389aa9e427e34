/** Values of a workbook's cells as text. */
import type { Parts } from './package-parts.ts';

export interface Cell {
  /** From 0. */
  readonly column: number;
  /** `s`: a number of a shared string; `b`: true or false; `n`: a number; others are text. */
  readonly type: string;
  readonly style: number;
  readonly raw: string;
}

/** Formats of dates and times that need no definition (ECMA-376, part 1, section 18.8.30). */
const isBuiltInDate = (id: number) => (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 58);

/** Without quoted text, colours and conditions. */
const isDateFormat = (code: string) => /[dmyhs]/i.test(code.replaceAll(/"[^"]*"|\\.|\[[^\]]*\]/g, ''));

/** Returns whether numbers of a style are dates. */
export async function readStyles(parts: Parts, name: string): Promise<(style: number) => boolean> {
  const custom = new Map<number, boolean>();
  const dates: boolean[] = [];
  let inCells = false;
  await parts.read(name, {
    open(element, { numFmtId = '0', formatCode = '' }) {
      const id = Number(numFmtId);
      if (element === 'numFmt') custom.set(id, isDateFormat(formatCode));
      if (element === 'cellXfs') inCells = true;
      if (element === 'xf' && inCells) dates.push(custom.get(id) ?? isBuiltInDate(id));
    },
    close(element) {
      if (element === 'cellXfs') inCells = false;
    },
  });
  return (style) => dates[style] ?? false;
}

export function valueOf(
  { type, style, raw }: Cell,
  strings: readonly string[],
  isDate: (style: number) => boolean,
): string {
  if (type === 's') return strings[Number(raw)] ?? '';
  if (type === 'b') return raw === '1' ? 'TRUE' : 'FALSE';
  return type === 'n' && isDate(style) ? dateOf(Number(raw)) : raw;
}

/** Days between the first day that Excel counts from and 1970. */
const epochDays = 25_569;
const dayMs = 24 * 60 * 60 * 1000;

function dateOf(days: number): string {
  const date = new Date(Math.round((days - epochDays) * dayMs));
  if (Number.isNaN(date.getTime())) return String(days);
  const [day, time = ''] = date.toISOString().split(/[TZ]/);
  const clock = time.slice(0, 8);
  if (days < 1) return clock;
  return Number.isInteger(days) ? day! : `${day} ${clock}`;
}
