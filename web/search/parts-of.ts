/** Splits a snippet into matches and the text between them. */
import type { SearchHit } from '../../contract/search.ts';

export interface SnippetPart {
  /** In UTF-16 units. */
  readonly start: number;
  readonly words: string;
  readonly marked: boolean;
}

/** All of the snippet, in order. Matches that overlap or exceed it are shortened. */
export function partsOf({ snippet, matches }: Pick<SearchHit, 'snippet' | 'matches'>): SnippetPart[] {
  const parts: SnippetPart[] = [];
  let at = 0;
  const add = (end: number, marked: boolean) => {
    if (end > at) parts.push({ start: at, words: snippet.slice(at, end), marked });
    at = Math.max(at, end);
  };
  for (const [start = 0, end = 0] of matches.toSorted(([a = 0], [b = 0]) => a - b)) {
    add(Math.min(start, snippet.length), false);
    add(Math.min(end, snippet.length), true);
  }
  add(snippet.length, false);
  return parts;
}
