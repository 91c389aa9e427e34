/** The suite of the cache port for both adapters, and the behaviour of the Redis adapter when Redis or the network fails. */
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoryCache } from '../../server/adapters/cache/memory.ts';
import { redisCache } from '../../server/adapters/cache/redis.ts';
import type { Cache } from '../../server/ports/cache.ts';
import { cuttableProxy } from '../cuttable-proxy.ts';
import { canSpawnRedis, freePort, startRedis } from '../redis-server.ts';
import { bothAdapters, quietLog, settingsFor, overRedis } from './adapters.ts';

const openCache = overRedis((settings, _log, commands) => redisCache(settings, commands));

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

const connect = async (port: number, prefix?: string) =>
  keep(await openCache(settingsFor(port, prefix), quietLog().log));

const give = (text: string) => async () => text;
const mustNotLoad = async (): Promise<string> => {
  throw new Error('The text should have been cached.');
};

/** A load that has begun and ends on request. */
function slowLoad(cache: Cache, key: string) {
  const { promise: loaded, resolve: finish } = Promise.withResolvers<string>();
  const { promise: began, resolve: begin } = Promise.withResolvers<void>();
  const given = cache.remember(key, minute, () => {
    begin();
    return loaded;
  });
  return { began, finish, given };
}

const adapters = bothAdapters<Cache>(keep, () => memoryCache(), { open: openCache });

describe.each(adapters)('cache over $name', ({ present, instances }) => {
  it.skipIf(!present)('loads once, then returns the cached text, in every process', async () => {
    const [one, two] = await instances();
    expect(await one.remember('a', minute, give('ä'))).toBe('ä');
    expect(await one.remember('a', minute, mustNotLoad)).toBe('ä');
    expect(await two.remember('a', minute, mustNotLoad)).toBe('ä');
    expect(await two.remember('b', minute, give(''))).toBe('');
    expect(await one.remember('b', minute, mustNotLoad)).toBe('');
    await one.check();
  });

  it.skipIf(!present)('deletes in every process', async () => {
    const [one, two] = await instances();
    for (const text of ['1', '2', '3']) {
      expect(await one.remember('a', minute, give(text))).toBe(text);
      await two.forget('a');
    }
    expect(await one.remember('a', minute, give('4'))).toBe('4');
    await one.forget('unknown');
  });

  it.skipIf(!present)('does not store a load during which the key was deleted', async () => {
    const [one, two] = await instances();
    const stale = slowLoad(one, 'a');
    await stale.began;
    await two.forget('a');
    const fresh = slowLoad(two, 'a');
    await fresh.began;
    stale.finish('old');
    expect(await stale.given).toBe('old');
    expect(await two.remember('a', minute, give('new'))).toBe('new');
    fresh.finish('new too');
    expect(await fresh.given).toBe('new too');
    expect(await one.remember('a', minute, mustNotLoad)).toMatch(/^new/);
  });

  it.skipIf(!present)('stores nothing when many loads and deletions end with a deletion', async () => {
    const [one, two] = await instances();
    let version = 0;
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const cache = index % 2 ? one : two;
        if (index % 5 > 0) return cache.remember('a', minute, async () => String(version));
        version += 1;
        return cache.forget('a');
      }),
    );
    version += 1;
    await one.forget('a');
    expect(await two.remember('a', minute, async () => String(version))).toBe(String(version));
  });

  it.skipIf(!present)('lets a text expire', async () => {
    const [cache] = await instances();
    await cache.remember('a', 30, give('old'));
    await vi.waitFor(async () => expect(await cache.remember('a', 30, give('new'))).toBe('new'), patience);
  });

  it.skipIf(!present)('rejects with the error of the load, and stores nothing', async () => {
    const [cache] = await instances();
    const failure = new Error('on purpose');
    await expect(cache.remember('a', minute, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await cache.remember('a', minute, give('fine'))).toBe('fine');
  });
});

describe.skipIf(!canSpawnRedis)('cache over Redis when something fails', () => {
  it('loads every time while Redis is away, and caches again when it is back', async () => {
    const redis = keep(await startRedis());
    const cache = await connect(redis.port);
    await cache.remember('a', minute, give('1'));
    await redis.kill();
    expect(await cache.remember('a', minute, give('2'))).toBe('2');
    expect(await cache.remember('a', minute, give('3'))).toBe('3');
    await expect(cache.check()).rejects.toThrow();
    await cache.forget('a');
    await redis.restart();
    await vi.waitFor(() => cache.check(), patience);
    await vi.waitFor(async () => {
      await cache.remember('a', minute, give('4'));
      expect(await cache.remember('a', minute, mustNotLoad)).toBe('4');
    }, patience);
  });

  it('starts and closes without Redis', async () => {
    const cache = await connect(await freePort());
    expect(await cache.remember('a', minute, give('1'))).toBe('1');
    await cache.forget('a');
  });

  it('repeats a deletion that could not be sent, for all processes', async () => {
    const redis = keep(await startRedis());
    const proxy = keep(await cuttableProxy(redis.port));
    const { prefix } = settingsFor(0);
    const cutOff = await connect(proxy.port, prefix);
    const other = await connect(redis.port, prefix);
    await cutOff.remember('a', minute, give('old'));
    proxy.blackOut();
    await cutOff.forget('a');
    expect(await cutOff.remember('a', minute, give('new'))).toBe('new');
    expect(await other.remember('a', minute, mustNotLoad)).toBe('old');
    proxy.heal();
    await vi.waitFor(() => cutOff.check(), patience);
    expect(await cutOff.remember('a', minute, give('new'))).toBe('new');
    await vi.waitFor(async () => expect(await other.remember('a', minute, give('new'))).toBe('new'), patience);
  });

  it('does not trust data that a restarted Redis read from disk', async () => {
    const redis = keep(await startRedis({ args: ['--save', '3600', '1'] }));
    const cache = await connect(redis.port);
    await cache.remember('a', minute, give('old'));
    const admin = new Redis(redis.port, '127.0.0.1');
    await admin.save();
    admin.disconnect();
    await cache.forget('a');
    await redis.restart();
    await vi.waitFor(() => cache.check(), patience);
    expect(await cache.remember('a', minute, give('new'))).toBe('new');
  });

  it('does not store a load during which Redis was emptied and the key deleted', async () => {
    const redis = keep(await startRedis());
    const cache = await connect(redis.port);
    const stale = slowLoad(cache, 'a');
    await stale.began;
    await cache.forget('a');
    const admin = new Redis(redis.port, '127.0.0.1');
    await admin.flushall();
    admin.disconnect();
    stale.finish('old');
    expect(await stale.given).toBe('old');
    expect(await cache.remember('a', minute, give('new'))).toBe('new');
  });
});
