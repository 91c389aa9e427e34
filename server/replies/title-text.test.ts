/** Titles of rooms: one short plain line from any answer of a model. */
import { describe, expect, it } from 'vitest';
import { titleFrom } from './title-text.ts';

describe('a title', () => {
  it.each([
    ['Trees of Kenya', 'Trees of Kenya'],
    ['  "Trees of Kenya."\n', 'Trees of Kenya'],
    ['**Title:** Trees of Kenya', 'Trees of Kenya'],
    ['\n\n## Trees of `Kenya`\n\nMore text', 'Trees of Kenya'],
    ['1. [Trees](https://example.com) of _Kenya_', 'Trees of Kenya'],
    ['「ケニアの木。」', 'ケニアの木'],
    ['«Los árboles de Kenia»', 'Los árboles de Kenia'],
    ['كيف أزرع الأشجار؟', 'كيف أزرع الأشجار؟'],
    ['What is snake_case in C++?', 'What is snake_case in C++?'],
    ['a\0b\u202Ec\td', 'a b c d'],
    ['And then...', 'And then...'],
    ['---\n"..."\n👋🏽 Hello', '👋🏽 Hello'],
  ])('of %j is %j', (text, title) => {
    expect(titleFrom(text)).toBe(title);
  });

  it.each(['', ' \n ', '""', '***', '# \n> '])('of %j is none', (text) => {
    expect(titleFrom(text)).toBeNull();
  });

  it('is cut to 60 code points, between words or within a text without spaces', () => {
    const words = titleFrom(`${'word '.repeat(30)}end`)!;
    expect(words).toBe(`${'word '.repeat(11).trimEnd()}…`);
    expect(Array.from(titleFrom('木'.repeat(100))!)).toHaveLength(60);
    const family = '👨‍👩‍👧‍👦';
    expect(titleFrom(family.repeat(20))).toBe(`${family.repeat(8)}…`);
    expect(titleFrom('x'.repeat(60))).toBe('x'.repeat(60));
  });
});
