/** A full Redis: live feeds drop their entries first, and sign-in is not affected. */
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { redisFeed } from '../../server/adapters/feed/redis.ts';
import { redisLimits } from '../../server/adapters/limits/redis.ts';
import { canSpawnRedis, startRedis } from '../redis-server.ts';
import { quietLog, settingsFor, overRedis } from './adapters.ts';
import { expectReceived, ids, listen, numbered, patience, range, read, sized, user } from './feed-listening.ts';

const openFeed = overRedis(redisFeed);

const mebibyte = 1024 * 1024;
const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).toReversed()) await resource[Symbol.asyncDispose]();
});

function keep<R extends AsyncDisposable>(resource: R): R {
  open.push(resource);
  return resource;
}

async function start() {
  const redis = keep(await startRedis({ args: ['--maxmemory-policy', 'noeviction'] }));
  const client = new Redis(redis.url);
  keep({ [Symbol.asyncDispose]: async () => client.disconnect() });
  const settings = settingsFor(redis.port);
  const { log, lines } = quietLog();
  const feed = keep(await openFeed(settings, log));
  const limits = keep(await redisLimits(settings, log));
  return { client, feed, limits, lines };
}

/** Makes Redis exceed its memory limit, or not. */
async function limitTo(client: Redis, maxmemory: '1mb' | '64mb'): Promise<void> {
  await client.config('SET', 'maxmemory', maxmemory);
  const written = client.set('other', '');
  if (maxmemory === '1mb') await expect(written).rejects.toThrow(/^OOM/);
  else await written;
}

describe.skipIf(!canSpawnRedis)('a feed in a full Redis', () => {
  it('continues live, stores nothing, and leaves sign-in limits working', async () => {
    const { client, feed, limits, lines } = await start();
    const whole = await listen(feed, null);
    for (const n of range(1, 5)) feed.publish(user, [sized(n, 100_000)]);
    await expectReceived(whole, range(1, 5));
    await limitTo(client, '1mb');
    await expect(feed.check()).rejects.toThrow(/maxmemory/);
    feed.publish(user, [numbered(6), numbered(7)]);
    await expectReceived(whole, range(1, 7));
    // The feed's half mebibyte is free again.
    expect(await client.xlen(await streamOf(client))).toBe(0);
    const others = await Promise.all(range(1, 50).map((n) => listen(feed, null, user + n)));
    for (const n of range(1, 50)) feed.publish(user + n, [numbered(n)]);
    for (const [index, listening] of others.entries()) await expectReceived(listening, [index + 1]);
    await expectReceived(await listen(feed, ids(whole)[2]!), ['reset']);
    const resumed = await listen(feed, ids(whole)[6]!);
    feed.publish(user, [numbered(8)]);
    await expectReceived(whole, range(1, 8));
    await expectReceived(resumed, [8]);
    const rule = { key: 'somebody', limit: 2, windowMs: 60_000 };
    expect((await limits.take([rule])).allowed).toBe(true);
    expect((await limits.take([rule])).allowed).toBe(true);
    expect((await limits.take([rule])).allowed).toBe(false);
    expect(lines.filter(({ msg }) => msg.startsWith('Redis is full'))).toHaveLength(1);
  });

  it('stores events again once there is memory', async () => {
    const { client, feed, lines } = await start();
    const whole = await listen(feed, null);
    await limitTo(client, '1mb');
    feed.publish(user, [numbered(1)]);
    await expectReceived(whole, [1]);
    expect(await feed.recent(user, 5)).toEqual([]);
    await limitTo(client, '64mb');
    await feed.check();
    await expect
      .poll(
        async () => {
          feed.publish(user, [numbered(2)]);
          return (await feed.recent(user, 5)).map(read);
        },
        { timeout: 10_000, interval: 100 },
      )
      .toContain(2);
    expect(whole.received()).not.toContain('reset');
    const { id } = whole.entries.at(-1)!;
    await expectReceived(await listen(feed, id), []);
    expect(lines.map(({ msg }) => msg)).toContainEqual(expect.stringMatching(/^Redis has free memory again/));
  });
});

describe.skipIf(!canSpawnRedis)('one feed in a Redis', () => {
  it.each([
    { what: 'the longest messages', characters: 180_000, total: 150 },
    { what: 'deltas', characters: 100, total: 20_000 },
    { what: 'texts as long as a node of the stream', characters: 3900, total: 3000 },
  ])('uses less than 1.5 MiB, filled with $what', async ({ characters, total }) => {
    const redis = keep(await startRedis());
    const feed = keep(await openFeed(settingsFor(redis.port), quietLog().log));
    const client = new Redis(redis.url);
    keep({ [Symbol.asyncDispose]: async () => client.disconnect() });
    const whole = await listen(feed, null);
    const before = await usedBytes(client);
    for (let n = 1; n <= total;) {
      const burst = Math.max(1, Math.min(Math.floor(400_000 / characters), 500));
      for (let item = 0; item < burst; item += 1) feed.publish(user, [sized(n++, characters)]);
      await vi.waitFor(() => expect(whole.entries.length).toBe(n - 1), patience);
    }
    expect(whole.received()).not.toContain('reset');
    const held = Number(await client.memory('USAGE', await streamOf(client), 'SAMPLES', 0));
    expect(held).toBeLessThan(1.5 * mebibyte);
    expect(held).toBeGreaterThan(0.5 * mebibyte);
    expect((await usedBytes(client)) - before).toBeLessThan(2 * mebibyte);
  });

  it('costs a listener without events less than half a kilobyte', async () => {
    const redis = keep(await startRedis());
    const feed = keep(await openFeed(settingsFor(redis.port), quietLog().log));
    const client = new Redis(redis.url);
    keep({ [Symbol.asyncDispose]: async () => client.disconnect() });
    await listen(feed, null);
    const key = await streamOf(client);
    expect(Number(await client.memory('USAGE', key, 'SAMPLES', 0))).toBeLessThan(512);
    expect(await client.pttl(key)).toBeGreaterThan(3_500_000);
  });
});

async function streamOf(client: Redis): Promise<string> {
  const keys = await client.keys(`*:feed:{${user}}`);
  expect(keys).toHaveLength(1);
  return keys[0]!;
}

async function usedBytes(client: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))![1]);
}
