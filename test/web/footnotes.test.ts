/** Footnotes are found, numbered in reading order, and not confused with other text. */
import { expect, it } from 'vitest';
import { blockReader } from '../../web/markdown/blocks.ts';
import { footnotesIn } from '../../web/markdown/footnotes.ts';

const read = (source: string) => footnotesIn(blockReader().read(source));
const named = (source: string) => read(source).map(({ name, number }) => [name, number]);

it('are numbered in the order of their references, wherever they are defined', () => {
  const source = '[^b]: Second.\n\nOne[^a], in a list:\n\n- two[^b]\n- again[^a]\n\n[^a]: word\n';
  expect(named(source)).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
});

it('may span lines, and are not part of the text', () => {
  const source = 'Text[^1].\n\n[^1]: A note\n  over *two* lines.\n[^2]: Nobody refers to this.\n\nMore.';
  const [note] = read(source);
  expect(note!.tokens.map(({ raw }) => raw).join('')).toBe('A note over *two* lines.');
  const kinds = blockReader()
    .read(source)
    .map(({ token }) => token.type);
  expect(kinds).toEqual(['paragraph', 'space', 'footnote', 'footnote', 'paragraph']);
});

it.each([
  'Only a reference[^1].',
  '[^1]: Only a definition.',
  'Not [^ 1] one.\n\n[^ 1]: x',
  '[x]: https://example.com',
])('there are none in %j', (source) => expect(read(source)).toEqual([]));

it('appear once their definition is there while the text grows', () => {
  const source = 'A claim[^1] and more text.\n\nAnother paragraph.\n\nAnd one more.\n\n[^1]: The source.';
  const reader = blockReader();
  const counts = Array.from(source, (_, index) => footnotesIn(reader.read(source.slice(0, index + 1))).length);
  expect(counts.at(-1)).toBe(1);
  expect(new Set(counts)).toEqual(new Set([0, 1]));
});
