/** The suite of the presence port for both adapters; over Redis a dead process leaves nothing. */
import { afterEach, describe, expect, it } from 'vitest';
import { memoryPresence } from '../../server/adapters/presence/memory.ts';
import { redisPresence } from '../../server/adapters/presence/redis.ts';
import { firstConnection } from '../../server/adapters/redis/connection.ts';
import type { Presence } from '../../server/ports/presence.ts';
import { canSpawnRedis, startRedis } from '../redis-server.ts';
import { bothAdapters, overRedis, quietLog, settingsFor } from './adapters.ts';

const patience = { timeout: 25_000, interval: 20 };
const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).toReversed()) await resource[Symbol.asyncDispose]();
});

function keep<R extends AsyncDisposable>(resource: R): R {
  open.push(resource);
  return resource;
}

const openPresence = overRedis<Presence>(async (settings, log, commands) => {
  await firstConnection(commands);
  return redisPresence(settings, log, commands);
});
const adapters = bothAdapters<Presence>(keep, memoryPresence, { open: openPresence });

describe.each(adapters)('presence over $name', ({ present, instances }) => {
  it.skipIf(!present)('is known in every process until the last connection has left', async () => {
    const [one, two] = await instances();
    expect(await two.isLooking(1)).toBe(false);
    const leaves = [one.look(1), one.look(1), two.look(1)];
    await expect.poll(() => two.isLooking(1), patience).toBe(true);
    expect(await two.isLooking(2)).toBe(false);
    for (const leave of leaves.slice(0, 2)) {
      leave();
      leave();
      expect(await one.isLooking(1)).toBe(true);
    }
    leaves[2]!();
    await expect.poll(() => one.isLooking(1), patience).toBe(false);
    one.look(1);
    await expect.poll(() => two.isLooking(1), patience).toBe(true);
  });
});

describe.skipIf(!canSpawnRedis)('presence over Redis', () => {
  it('is told again after an outage, rejects during it, and ends with its process', async () => {
    const redis = keep(await startRedis());
    const settings = settingsFor(redis.port);
    const watching = keep(await openPresence(settings, quietLog().log));
    const looking = await openPresence(settings, quietLog().log);
    const left = looking.look(1);
    looking.look(2);
    await expect.poll(() => watching.isLooking(2), patience).toBe(true);
    await redis.kill();
    await expect(watching.isLooking(2)).rejects.toThrow();
    left();
    looking.look(3);
    await redis.restart();
    await expect.poll(() => watching.isLooking(2).catch(() => false), patience).toBe(true);
    await expect.poll(() => watching.isLooking(3), patience).toBe(true);
    expect(await watching.isLooking(1)).toBe(false);
    await looking[Symbol.asyncDispose]();
    await expect.poll(() => watching.isLooking(2), patience).toBe(false);
  });
});
