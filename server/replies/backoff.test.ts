/** The delay before the next attempt. */
import { describe, expect, it } from 'vitest';
import { retryDelayMs } from './backoff.ts';

const least = () => 0;
const most = () => 0.999_999;

describe('the wait before another attempt', () => {
  it('quadruples from 0.5 to 30 seconds, with jitter in the upper half', () => {
    const attempts = [1, 2, 3, 4, 5, 100];
    expect(attempts.map((attempt) => retryDelayMs(attempt, null, least))).toEqual([
      250, 1000, 4000, 15_000, 15_000, 15_000,
    ]);
    expect(attempts.map((attempt) => Math.round(retryDelayMs(attempt, null, most)))).toEqual([
      500, 2000, 8000, 30_000, 30_000, 30_000,
    ]);
  });

  it('is never shorter than Retry-After, and never shortened by it', () => {
    expect(retryDelayMs(1, 7000, most)).toBe(7000);
    expect(retryDelayMs(1, 120_000, least)).toBe(120_000);
    expect(retryDelayMs(3, 1, least)).toBe(4000);
  });

  it('differs from one reply to the next', () => {
    expect(new Set(Array.from({ length: 50 }, () => retryDelayMs(5, null))).size).toBeGreaterThan(40);
  });
});
