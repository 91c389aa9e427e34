/** Values that are sampled in the background. */
import { expect, it } from 'vitest';
import { sample } from './sample.ts';

const timing = { everyMs: 5, staleAfterMs: 100 };

it('returns the newest value', async () => {
  let figure = 0;
  using sampled = sample(async () => (figure += 1), timing);
  await expect.poll(sampled.latest).toBeGreaterThan(2);
});

it('keeps a value after a failed read, and returns none once it is stale', async () => {
  let reads = 0;
  using sampled = sample(async () => {
    reads += 1;
    if (reads > 1) throw new Error('away');
    return 'old';
  }, timing);
  await expect.poll(() => reads).toBeGreaterThan(1);
  expect(sampled.latest()).toBe('old');
  await expect.poll(sampled.latest).toBeNull();
});

it('starts no further read while one hangs', async () => {
  let reads = 0;
  let ticks = 0;
  using _hanging = sample(() => {
    reads += 1;
    return new Promise<never>(() => {});
  }, timing);
  using _beside = sample(async () => (ticks += 1), timing);
  await expect.poll(() => ticks).toBeGreaterThan(5);
  expect(reads).toBe(1);
});

it('stops reading once disposed', async () => {
  let [reads, ticks] = [0, 0];
  sample(async () => (reads += 1), timing)[Symbol.dispose]();
  using _beside = sample(async () => (ticks += 1), timing);
  await expect.poll(() => ticks).toBeGreaterThan(5);
  expect(reads).toBe(1);
});
