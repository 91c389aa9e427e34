/** How text from a model becomes what can be stored. */
import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkJoiner } from './text.ts';

function join(...chunks: readonly string[]): string[] {
  const joiner = chunkJoiner();
  return [...chunks.map((chunk) => joiner.push(chunk)), joiner.flush()];
}

describe('chunkJoiner', () => {
  it('passes ordinary text through', () => {
    expect(join('Hello ', 'wörld 😀')).toEqual(['Hello ', 'wörld 😀', '']);
  });

  it('drops NUL', () => {
    expect(join('a\0b', '\0', 'c')).toEqual(['ab', '', 'c', '']);
  });

  it('holds half a pair back until its other half comes', () => {
    expect(join('grin \ud83d', '\ude00 done')).toEqual(['grin ', '😀 done', '']);
    expect(join('\ud83d', '', '\0', '\ude00')).toEqual(['', '', '', '😀', '']);
  });

  it('replaces a surrogate that stays alone', () => {
    expect(join('a\ud83d', 'b')).toEqual(['a', '\ufffdb', '']);
    expect(join('\ude00a')).toEqual(['\ufffda', '']);
    expect(join('a\ud83d')).toEqual(['a', '\ufffd']);
    expect(join('\ud83d', '\ud83d', '\ude00')).toEqual(['', '\ufffd', '😀', '']);
  });

  it('gives the same text wherever it is cut, and every piece is well-formed', () => {
    const unit = constantFrom('a', 'é', '\0', '\ud83d', '\ude00', '😀');
    assert(
      property(array(array(unit)), (chunks) => {
        const texts = chunks.map((units) => units.join(''));
        const pieces = join(...texts);
        expect(pieces.every((piece) => piece.isWellFormed() && !piece.includes('\0'))).toBe(true);
        expect(pieces.join('')).toBe(texts.join('').replaceAll('\0', '').toWellFormed());
      }),
    );
  });
});
