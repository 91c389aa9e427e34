/** The clock for deltas: one flush per tick and reply. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startDeltaClock, tickMs } from './delta-clock.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

it('flushes once per tick, for any number of calls', async () => {
  const clock = startDeltaClock();
  const flushed: string[] = [];
  const [first, second] = [() => void flushed.push('first'), () => void flushed.push('second')];
  clock.atNextTick(first);
  clock.atNextTick(second);
  clock.atNextTick(first);
  await vi.advanceTimersByTimeAsync(tickMs - 1);
  expect(flushed).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(flushed).toEqual(['first', 'second']);
  await vi.advanceTimersByTimeAsync(10 * tickMs);
  expect(flushed).toHaveLength(2);
  expect(vi.getTimerCount()).toBe(0);
});

it('flushes thousands, and calls made meanwhile at the next tick', async () => {
  const clock = startDeltaClock();
  let flushed = 0;
  const again = () => void (flushed += 1);
  for (let n = 0; n < 2500; n += 1) clock.atNextTick(() => (flushed += 1) && clock.atNextTick(again));
  await vi.advanceTimersByTimeAsync(tickMs);
  while (flushed < 2500) await new Promise(setImmediate);
  await vi.advanceTimersByTimeAsync(tickMs);
  expect(flushed).toBe(2501);
});
