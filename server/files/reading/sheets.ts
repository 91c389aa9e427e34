/** The cells of a workbook as text: a line a row, a tab between cells, sheet by sheet. */
import { openParts, type Parts } from './package-parts.ts';
import { Passages } from './passages.ts';
import { Unreadable, type TextFound } from './result.ts';
import { readStyles, valueOf, type Cell } from './cells.ts';

/** Tabs for empty cells in a row; wider gaps become one. */
const widestGap = 50;

/** Characters collected before they are cut into passages. */
const atOnce = 64 * 1024;

interface Sheet {
  readonly name: string;
  readonly part: string;
}

/** Throws `Unreadable`. */
export async function readSheets(bytes: Buffer, limits: { readonly pages: number }): Promise<TextFound> {
  const parts = await openParts(bytes);
  const { sheets, shared, styles } = await describe(parts);
  if (sheets.length > limits.pages) throw new Unreadable('too_many_pages');
  const strings = shared === null ? [] : await readStrings(parts, shared);
  const isDate = styles === null ? () => false : await readStyles(parts, styles);
  const passages = new Passages();
  for (const [index, { name, part }] of sheets.entries()) {
    let text = `${name}\n`;
    let goesOn = true;
    await readRows(parts, part, (cells) => {
      if (!goesOn) return;
      text += `${lineOf(cells.map((cell) => ({ ...cell, text: valueOf(cell, strings, isDate) })))}\n`;
      if (text.length < atOnce) return;
      goesOn = passages.add(index + 1, text);
      text = '';
    });
    if (!goesOn || !passages.add(index + 1, text)) break;
  }
  return passages.found(sheets.length);
}

async function describe(parts: Parts): Promise<{ sheets: Sheet[]; shared: string | null; styles: string | null }> {
  const relations = await parts.relationsOf(parts.main);
  const sheets: Sheet[] = [];
  await parts.read(parts.main, {
    open(element, attributes) {
      const part = element === 'sheet' ? relations.get(attributes['r:id'] ?? '')?.target : undefined;
      if (part !== undefined) sheets.push({ name: attributes.name ?? '', part });
    },
  });
  const targetOf = (wanted: string) => [...relations.values()].find(({ type }) => type === wanted)?.target ?? null;
  return { sheets, shared: targetOf('sharedStrings'), styles: targetOf('styles') };
}

async function readStrings(parts: Parts, name: string): Promise<string[]> {
  const strings: string[] = [];
  let text = '';
  let inText = false;
  await parts.read(name, {
    open(element) {
      if (element === 'si') text = '';
      if (element === 't') inText = true;
    },
    text(piece) {
      if (inText) text += piece;
    },
    close(element) {
      if (element === 't') inText = false;
      if (element === 'si') strings.push(text);
    },
  });
  return strings;
}

async function readRows(parts: Parts, name: string, take: (cells: readonly Cell[]) => void): Promise<void> {
  let cells: Cell[] = [];
  let cell: { column: number; type: string; style: number; raw: string } | null = null;
  let inValue = false;
  await parts.read(name, {
    open(element, { r = '', t = 'n', s = '0' }) {
      if (element === 'row') cells = [];
      if (element === 'c') cell = { column: columnOf(r) ?? cells.length, type: t, style: Number(s), raw: '' };
      if (element === 'v' || element === 't') inValue = true;
    },
    text(piece) {
      if (inValue && cell) cell.raw += piece;
    },
    close(element) {
      if (element === 'v' || element === 't') inValue = false;
      if (element === 'c' && cell !== null && cell.raw !== '') cells.push(cell);
      if (element === 'row' && cells.length > 0) take(cells);
    },
  });
}

/** `A` is 0; null for what is no reference to a cell. */
function columnOf(reference: string): number | null {
  const letters = /^[A-Z]{1,3}(?=\d)/.exec(reference)?.[0];
  if (letters === undefined) return null;
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

function lineOf(cells: readonly { readonly column: number; readonly text: string }[]): string {
  let line = '';
  let at = 0;
  for (const { column, text } of cells) {
    const gap = column - at;
    if (gap > 0) line += gap > widestGap ? '\t' : '\t'.repeat(gap);
    line += text.replaceAll(/\s+/g, ' ');
    at = Math.max(at, column);
  }
  return line;
}
