/** The clock by which text goes out: one flush a stroke, however many ask. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startDeltaClock, strokeMs } from './delta-clock.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

it('flushes once a stroke, whoever asks how often', async () => {
  const clock = startDeltaClock();
  const flushed: string[] = [];
  const [first, second] = [() => void flushed.push('first'), () => void flushed.push('second')];
  clock.atNextStroke(first);
  clock.atNextStroke(second);
  clock.atNextStroke(first);
  await vi.advanceTimersByTimeAsync(strokeMs - 1);
  expect(flushed).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(flushed).toEqual(['first', 'second']);
  await vi.advanceTimersByTimeAsync(10 * strokeMs);
  expect(flushed).toHaveLength(2);
  expect(vi.getTimerCount()).toBe(0);
});

it('flushes thousands, and what is asked for meanwhile at the next stroke', async () => {
  const clock = startDeltaClock();
  let flushed = 0;
  const again = () => void (flushed += 1);
  for (let n = 0; n < 2500; n += 1) clock.atNextStroke(() => (flushed += 1) && clock.atNextStroke(again));
  await vi.advanceTimersByTimeAsync(strokeMs);
  while (flushed < 2500) await new Promise(setImmediate);
  await vi.advanceTimersByTimeAsync(strokeMs);
  expect(flushed).toBe(2501);
});
