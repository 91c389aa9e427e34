/** A snippet is split at its matches, in UTF-16 units, without losing text. */
import { expect, it } from 'vitest';
import { partsOf } from '../../web/search/parts-of.ts';

const shown = (snippet: string, matches: number[][]) =>
  partsOf({ snippet, matches }).map(({ words, marked }) => (marked ? `[${words}]` : words));

it('marks the matches', () => {
  expect(shown('one two three', [[4, 7]])).toEqual(['one ', '[two]', ' three']);
  expect(shown('one two', [[0, 3]])).toEqual(['[one]', ' two']);
  expect(shown('none', [])).toEqual(['none']);
  expect(shown('🏔️ Elbrus', [['🏔️ '.length, '🏔️ Elbrus'.length]])).toEqual(['🏔️ ', '[Elbrus]']);
});

it('loses nothing where matches overlap, are unordered, or exceed it', () => {
  for (const matches of [
    [
      [4, 9],
      [0, 5],
    ],
    [
      [8, 3],
      [2, 2],
    ],
    [[5, 99]],
    [[50, 99]],
  ])
    expect(
      partsOf({ snippet: 'one two three', matches })
        .map(({ words }) => words)
        .join(''),
    ).toBe('one two three');
});
