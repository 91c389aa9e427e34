/** What a person types to search: words, of which the beginning is enough, and "phrases in quotes". */
import { quoteLexeme, termsOf, type Term } from '../languages/terms.ts';

export interface QueryTerm {
  readonly text: string;
  /** Terms that begin with it match too. */
  readonly prefix: boolean;
}

/** Terms that follow each other. */
export type Clause = readonly QueryTerm[];

const chunk = /["“”„«»]([^"“”„«»]*)["“”„«»]?|([^\s"“”„«»]+)/gu;

/** All clauses must match; empty if nothing was typed that can be searched. */
export function parseQuery(q: string): Clause[] {
  const clauses: Clause[] = [];
  for (const [, phrase, word] of q.matchAll(chunk)) {
    const clause = clauseOf([...termsOf(phrase ?? word ?? '')], phrase !== undefined);
    if (clause.length > 0) clauses.push(clause);
  }
  return clauses;
}

/** Where a script writes no spaces a run may go on, so its last character is no term of its own but the beginning of one. */
function clauseOf(terms: readonly Term[], exact: boolean): Clause {
  const runGoesOn = terms.at(-1)?.kind === 'last' && terms.at(-2)?.kind === 'pair';
  const used = runGoesOn ? terms.slice(0, -1) : terms;
  return used.map(({ text, kind }, index) => {
    const prefix = index === used.length - 1 && (kind === 'last' || (kind === 'word' && !exact));
    return { text, prefix };
  });
}

const termText = ({ text, prefix }: QueryTerm, before = '') => `${quoteLexeme(before + text)}${prefix ? ':*' : ''}`;

/** Placeholder for the account and block of the index before each term; no storable text contains it as a term. */
const scopeMark = '\u0001';

/** The `tsquery` for the index: messages with all terms in any order, of one room if given. */
export function indexQuery(clauses: readonly Clause[], roomId: number | null): string {
  const terms = clauses.flat().map((term) => termText(term, scopeMark));
  return [...terms, ...(roomId === null ? [] : [quoteLexeme(`${scopeMark}#${roomId}`)])].join(' & ');
}

/** The `tsquery` for the order of terms; null if every clause is one term. */
export function phraseQuery(clauses: readonly Clause[]): string | null {
  const phrases = clauses.filter(({ length }) => length > 1);
  if (phrases.length === 0) return null;
  return phrases.map((clause) => `(${clause.map((term) => termText(term)).join(' <-> ')})`).join(' & ');
}

/** The `tsquery` for ranking, in which a whole word counts more than a beginning. */
export function rankQuery(clauses: readonly Clause[]): string {
  return clauses
    .flat()
    .flatMap((term) => (term.prefix ? [termText(term), quoteLexeme(term.text)] : [termText(term)]))
    .join(' | ');
}
