/** The part of a message around its first match, and where the matches are in it. */
import type { Clause, QueryTerm } from './query.ts';
import { termsOf, type Term } from '../languages/terms.ts';

/** Both in UTF-16 code units. */
const lengthBefore = 60;
const lengthInAll = 200;
const cut = '…';

export type Range = [start: number, end: number];

export interface Snippet {
  readonly snippet: string;
  /** In order, without overlaps, in UTF-16 code units of `snippet`; ends are exclusive. */
  readonly matches: Range[];
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Neither end splits a grapheme. */
export function snippetOf(text: string, clauses: readonly Clause[]): Snippet {
  const found = matchesIn(text, clauses);
  const first = found[0]?.[0] ?? 0;
  const from = startOfWindow(text, first);
  const to = boundary(text, Math.max(from + lengthInAll, found[0]?.[1] ?? 0));
  const before = from > 0 ? cut : '';
  const shift = before.length - from;
  return {
    snippet: `${before}${text.slice(from, to)}${to < text.length ? cut : ''}`,
    matches: found.filter(([, end]) => end <= to).map(([start, end]) => [start + shift, end + shift]),
  };
}

function startOfWindow(text: string, first: number): number {
  if (first <= lengthBefore) return 0;
  const from = boundary(text, first - lengthBefore);
  const space = text.slice(from, first).search(/\s\S/u);
  return space < 0 ? from : from + space + 1;
}

/** The nearest boundary between characters at or before the offset. */
function boundary(text: string, offset: number): number {
  if (offset >= text.length) return text.length;
  return graphemes.segment(text).containing(offset)?.index ?? offset;
}

/** Merged, in order. */
function matchesIn(text: string, clauses: readonly Clause[]): Range[] {
  const terms = [...termsOf(text)];
  const ranges: Range[] = [];
  for (const [index, { start }] of terms.entries()) {
    const end = Math.max(...clauses.map((clause) => endOfMatch(terms, index, clause)));
    if (end < 0) continue;
    const last = ranges.at(-1);
    if (last && start < last[1]) last[1] = Math.max(last[1], end);
    else ranges.push([start, end]);
  }
  return ranges;
}

/** -1 if the clause does not match there. */
function endOfMatch(terms: readonly Term[], index: number, clause: Clause): number {
  const matches = clause.every((wanted, place) => matchesTerm(terms[index + place], wanted));
  const last = terms[index + clause.length - 1];
  if (!matches || !last) return -1;
  return clause.at(-1)!.prefix ? last.firstEnd : last.end;
}

function matchesTerm(term: Term | undefined, { text, prefix }: QueryTerm): boolean {
  return term !== undefined && (prefix ? term.text.startsWith(text) : term.text === text);
}
