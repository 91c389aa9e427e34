/** Text from a model becomes well-formed and free of NUL. */
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

  it('holds back half of a surrogate pair until the other half arrives', () => {
    expect(join('grin \ud83d', '\ude00 done')).toEqual(['grin ', '😀 done', '']);
    expect(join('\ud83d', '', '\0', '\ude00')).toEqual(['', '', '', '😀', '']);
  });

  it('replaces a lone surrogate', () => {
    expect(join('a\ud83d', 'b')).toEqual(['a', '\ufffdb', '']);
    expect(join('\ude00a')).toEqual(['\ufffda', '']);
    expect(join('a\ud83d')).toEqual(['a', '\ufffd']);
    expect(join('\ud83d', '\ud83d', '\ude00')).toEqual(['', '\ufffd', '😀', '']);
  });

  it('returns the same text wherever it is split, in well-formed pieces', () => {
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
