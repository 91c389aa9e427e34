/** Splits text into the terms of the search index: folded words, and pairs of characters where a script writes no spaces. */

export interface Term {
  readonly text: string;
  /** `pair`: two neighbouring characters of a script without spaces; `last`: the last character of such a run. */
  readonly kind: 'word' | 'pair' | 'last';
  /** Where it is in the original text, in UTF-16 code units; `firstEnd` is the end of its first character. */
  readonly start: number;
  readonly end: number;
  readonly firstEnd: number;
}

/** Longer words are cut; PostgreSQL takes lexemes of up to 2 kB. */
const longestWord = 64;

const run = /[\p{L}\p{N}\p{M}]+/gu;
/** A character with the marks on it, the half-width voicing marks of katakana included. */
const unit = /[^\p{M}\uFF9E\uFF9F][\p{M}\uFF9E\uFF9F]*|[\p{M}\uFF9E\uFF9F]+/gu;
const spaceless = /^[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/u;
/** Accents of Latin, Greek and Cyrillic, and the optional vowel points of Hebrew and Arabic. */
const accents = /[\u0300-\u036F\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u064B-\u065F\u0670]/gu;

/** Without case, accents and compatibility forms: `É`, `é` and `E` are equal, and so are `ß` and `SS`. */
function fold(text: string): string {
  if (/^[\0-\x7F]*$/.test(text)) return text.toLowerCase();
  const plain = text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFD').replaceAll(accents, '');
  return plain.normalize('NFC').replaceAll('ς', 'σ');
}

interface Character {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The terms of a text in order; each has the next position. */
export function* termsOf(text: string): Generator<Term> {
  for (const { 0: letters, index } of text.matchAll(run)) {
    // Most runs are words of one script.
    if (!/[^\0-\u024F]/.test(letters)) {
      yield* wordTerm(text, index, index + letters.length);
      continue;
    }
    let characters: Character[] = [];
    let wordStart = index;
    for (const { 0: one, index: offset } of letters.matchAll(unit)) {
      const [start, end] = [index + offset, index + offset + one.length];
      if (spaceless.test(one)) {
        yield* wordTerm(text, wordStart, start);
        wordStart = end;
        for (const character of fold(one)) characters.push({ text: character, start, end });
      } else {
        yield* pairTerms(characters);
        characters = [];
      }
    }
    yield* pairTerms(characters);
    yield* wordTerm(text, wordStart, index + letters.length);
  }
}

function* wordTerm(text: string, start: number, end: number): Generator<Term> {
  if (start >= end) return;
  const folded = fold(text.slice(start, end));
  const word = folded.length > longestWord ? [...folded].slice(0, longestWord).join('') : folded;
  if (word !== '') yield { text: word, kind: 'word', start, end, firstEnd: end };
}

function* pairTerms(characters: readonly Character[]): Generator<Term> {
  for (const [index, { text, start, end }] of characters.entries()) {
    const next = characters[index + 1];
    if (next) yield { text: text + next.text, kind: 'pair', start, end: next.end, firstEnd: end };
    else yield { text, kind: 'last', start, end, firstEnd: end };
  }
}

/** A lexeme in the notation of `tsvector` and `tsquery` (PostgreSQL, section 8.11). */
export function quoteLexeme(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** The highest position of a `tsvector`; those past it share it. */
const lastPosition = 16_383;

/** A `tsvector` holds 1 MiB. */
const mostBytes = 900_000;

/** The `tsvector` of a text, as text; of an extreme text its beginning. */
export function vectorOf(text: string): string {
  const positions = new Map<string, number[]>();
  let position = 0;
  let bytes = 0;
  for (const term of termsOf(text)) {
    bytes += positions.has(term.text) ? 2 : 3 * term.text.length + 8;
    if (bytes > mostBytes) break;
    position = Math.min(position + 1, lastPosition);
    const known = positions.get(term.text);
    if (known) known.push(position);
    else positions.set(term.text, [position]);
  }
  return [...positions].map(([term, at]) => `${quoteLexeme(term)}:${at.join(',')}`).join(' ');
}
