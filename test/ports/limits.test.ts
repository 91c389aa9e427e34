/** The suite of the limits port for both adapters; the Redis adapter fails closed. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoryLimits } from '../../server/adapters/limits/memory.ts';
import { redisLimits } from '../../server/adapters/limits/redis.ts';
import type { LimitRule, Limits } from '../../server/ports/limits.ts';
import { cuttableProxy } from '../cuttable-proxy.ts';
import { canSpawnRedis, freePort, startRedis } from '../redis-server.ts';
import { bothAdapters, quietLog, settingsFor } from './adapters.ts';

const patience = { timeout: 25_000, interval: 5 };
const minute = 60_000;
const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).toReversed()) await resource[Symbol.asyncDispose]();
});

function keep<R extends AsyncDisposable>(resource: R): R {
  open.push(resource);
  return resource;
}

const rule = (key: string, limit: number, windowMs = minute): LimitRule => ({ key, limit, windowMs });
const allowed = { allowed: true };
const refused = { allowed: false, retryAfterMs: expect.any(Number) };

async function rejectsQuickly(limits: Limits): Promise<void> {
  const beganMs = performance.now();
  await expect(limits.take([rule('a', 5)])).rejects.toThrow();
  expect(performance.now() - beganMs).toBeLessThan(1500);
}

const adapters = bothAdapters<Limits>(keep, () => memoryLimits(), { open: redisLimits });

describe.each(adapters)('limits over $name', ({ present, instances }) => {
  it.skipIf(!present)('accepts exactly as many parallel takes as the limit allows', async () => {
    const [one, two] = await instances();
    const takes = Array.from({ length: 200 }, (_, index) => (index % 2 ? one : two).take([rule('a', 5)]));
    const verdicts = await Promise.all(takes);
    expect(verdicts.filter((verdict) => verdict.allowed)).toHaveLength(5);
    for (const verdict of verdicts) {
      if (verdict.allowed) continue;
      expect(verdict.retryAfterMs).toBeGreaterThan(minute - 10_000);
      expect(verdict.retryAfterMs).toBeLessThanOrEqual(minute);
    }
    expect(await one.take([rule('b', 5)])).toEqual(allowed);
  });

  it.skipIf(!present)('counts against every rule or none', async () => {
    const [limits] = await instances();
    const [tight, wide] = [rule('tight', 1), rule('wide', 3, minute / 2)];
    expect(await limits.take([wide, tight])).toEqual(allowed);
    for (let attempt = 0; attempt < 5; attempt += 1) expect(await limits.take([wide, tight])).toEqual(refused);
    expect(await limits.take([wide])).toEqual(allowed);
    expect(await limits.take([wide])).toEqual(allowed);
    const verdict = await limits.take([wide]);
    expect(verdict).toEqual(refused);
    expect(!verdict.allowed && verdict.retryAfterMs).toBeLessThanOrEqual(minute / 2);
    const longer = await limits.take([wide, tight]);
    expect(!longer.allowed && longer.retryAfterMs).toBeGreaterThan(minute / 2);
  });

  it.skipIf(!present)('checks a rule without counting against it', async () => {
    const [limits] = await instances();
    const [peeked, counted] = [{ ...rule('peeked', 1), peek: true as const }, rule('counted', 3)];
    expect(await limits.take([counted, peeked])).toEqual(allowed);
    expect(await limits.take([counted, peeked])).toEqual(allowed);
    expect(await limits.take([rule('peeked', 1)])).toEqual(allowed);
    expect(await limits.take([counted, peeked])).toEqual(refused);
    expect(await limits.take([counted])).toEqual(allowed);
    expect(await limits.take([counted])).toEqual(refused);
  });

  it.skipIf(!present)('opens a window at the first use and closes it after its time', async () => {
    const [limits] = await instances();
    const short = rule('a', 2, 200);
    const openedMs = performance.now();
    expect(await limits.take([short])).toEqual(allowed);
    expect(await limits.take([short])).toEqual(allowed);
    const verdict = await limits.take([short]);
    expect(verdict).toEqual(refused);
    expect(!verdict.allowed && verdict.retryAfterMs).toBeLessThanOrEqual(200);
    await vi.waitFor(async () => expect(await limits.take([short])).toEqual(allowed), patience);
    expect(performance.now() - openedMs).toBeGreaterThanOrEqual(198);
    expect(await limits.take([short])).toEqual(allowed);
    expect(await limits.take([short])).toEqual(refused);
  });

  it.skipIf(!present)('refuses everything at a limit of zero, and allows everything without rules', async () => {
    const [limits] = await instances();
    expect(await limits.take([rule('a', 0)])).toEqual({ allowed: false, retryAfterMs: minute });
    expect(await limits.take([])).toEqual(allowed);
  });
});

describe.skipIf(!canSpawnRedis)('limits over Redis when something fails', () => {
  it('rejects at once while Redis is dead, and counts again when it is back', async () => {
    const redis = keep(await startRedis());
    const limits = keep(await redisLimits(settingsFor(redis.port), quietLog().log));
    expect(await limits.take([rule('a', 5)])).toEqual(allowed);
    await redis.kill();
    await rejectsQuickly(limits);
    await redis.restart();
    await vi.waitFor(async () => expect(await limits.take([rule('a', 5)])).toEqual(allowed), patience);
  });

  it('rejects within a second when Redis is silent, and replaces a connection that was cut silently', async () => {
    const redis = keep(await startRedis());
    const proxy = keep(await cuttableProxy(redis.port));
    const limits = keep(await redisLimits(settingsFor(proxy.port), quietLog().log));
    expect(await limits.take([rule('a', 5)])).toEqual(allowed);
    proxy.cutSilently();
    await rejectsQuickly(limits);
    await vi.waitFor(async () => expect(await limits.take([rule('a', 5)])).toEqual(allowed), patience);
  });

  it('starts without Redis and fails closed', async () => {
    const limits = keep(await redisLimits(settingsFor(await freePort()), quietLog().log));
    await rejectsQuickly(limits);
  });
});
