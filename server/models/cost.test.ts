/** Calls cost what the vendor's price page says, rounded once. */
import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelPrice } from '../config/catalog.ts';
import type { Usage } from '../ports/model.ts';
import { costMicros } from './cost.ts';

const price: ModelPrice = {
  input: 300_000,
  cachedInput: 30_000,
  audioInput: 1_000_000,
  output: 2_500_000,
  asOf: '2026-11-26',
};
const none: Usage = { promptTokens: 0, cachedTokens: 0, audioTokens: 0, answerTokens: 0, thinkingTokens: 0 };

describe('the cost of a call', () => {
  it.each<[string, Partial<Usage>, number]>([
    ['nothing', {}, 0],
    ['a million tokens read', { promptTokens: 1_000_000 }, 300_000],
    ['a million tokens written', { answerTokens: 1_000_000 }, 2_500_000],
    ['thinking, which is part of what is written', { answerTokens: 1000, thinkingTokens: 900 }, 2500],
    ['cached tokens', { promptTokens: 1000, cachedTokens: 600 }, 138],
    ['audio', { promptTokens: 1000, audioTokens: 200 }, 440],
    ['cached tokens and audio', { promptTokens: 1000, cachedTokens: 600, audioTokens: 200 }, 278],
    ['more cached tokens than were read', { promptTokens: 10, cachedTokens: 20 }, 0],
    ['half a micro-dollar', { promptTokens: 5 }, 2],
    ['less than half', { promptTokens: 1 }, 0],
  ])('%s', (_name, usage, micros) => {
    expect(costMicros(price, { ...none, ...usage })).toBe(micros);
  });

  it('is 0 if the price is unknown', () => {
    expect(costMicros(null, { ...none, promptTokens: 1_000_000 })).toBe(0);
  });

  it('is rounded once, not for each kind of token', () => {
    const tokens = integer({ min: 0, max: 10_000_000 });
    assert(
      property(tokens, tokens, (promptTokens, answerTokens) => {
        const exact = promptTokens * 3 + answerTokens * 25;
        expect(costMicros(price, { ...none, promptTokens, answerTokens })).toBe(Math.floor((exact + 5) / 10));
      }),
    );
  });
});
