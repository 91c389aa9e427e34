/** The Redis feed when Redis or the network fails. */
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { redisFeed } from '../../server/adapters/feed/redis.ts';
import type { Feed } from '../../server/ports/feed.ts';
import { cuttableProxy } from '../cuttable-proxy.ts';
import { canSpawnRedis, startRedis } from '../redis-server.ts';
import { quietLog, settingsFor, overRedis } from './adapters.ts';
import { expectReceived, ids, listen, numbered, patience, range, read, user } from './feed-listening.ts';

const openFeed = overRedis(redisFeed);

const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).toReversed()) await resource[Symbol.asyncDispose]();
});

function keep<R extends AsyncDisposable>(resource: R): R {
  open.push(resource);
  return resource;
}

async function connect(port: number, prefix?: string): Promise<Feed> {
  return keep(await openFeed(settingsFor(port, prefix), quietLog().log));
}

describe.skipIf(!canSpawnRedis)('feed over Redis when something fails', () => {
  it('resets listeners after Redis was killed and restarted empty', async () => {
    const redis = keep(await startRedis());
    const feed = await connect(redis.port);
    const listening = await listen(feed, null);
    feed.publish(user, [numbered(1)]);
    await expectReceived(listening, [1]);
    await redis.kill();
    feed.publish(user, [numbered(2)]);
    await vi.waitFor(() => expect(feed.check()).rejects.toThrow(), patience);
    for (let n = 3; n < 1000; n += 1) feed.publish(user + n, [numbered(n)]);
    feed.publish(user, [numbered(1000)]);
    expect(await feed.recent(user, 5)).toEqual([]);
    await redis.restart();
    await vi.waitFor(() => expect(listening.received()).toContain('reset'), patience);
    feed.publish(user, [numbered(1001)]);
    await vi.waitFor(() => expect(listening.received().at(-1)).toBe(1001), patience);
    expect(new Set(listening.received())).toEqual(new Set([1, 'reset', 1001]));
    const absent = await listen(feed, null, user + 500);
    await vi.waitFor(async () => expect((await feed.recent(user + 500, 5)).map(read)).toEqual(['reset']), patience);
    expect(absent.received()).not.toContain(500);
  });

  it('keeps positions over a restart that keeps data', async () => {
    const redis = keep(await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] }));
    const feed = await connect(redis.port);
    const listening = await listen(feed, null);
    feed.publish(user, [numbered(1), numbered(2)]);
    await expectReceived(listening, [1, 2]);
    await redis.restart();
    await vi.waitFor(() => feed.check(), patience);
    feed.publish(user, [numbered(3)]);
    await expectReceived(listening, [1, 2, 3]);
    await expectReceived(await listen(feed, ids(listening)[0]!), [2, 3]);
  });

  it('catches up without gap or repeat after the reader was cut off silently', async () => {
    const redis = keep(await startRedis());
    const proxy = keep(await cuttableProxy(redis.port));
    const { prefix } = settingsFor(0);
    const writer = await connect(redis.port, prefix);
    const reader = await connect(proxy.port, prefix);
    const listening = await Promise.all([listen(reader, null), listen(reader, null), listen(reader, null, user + 1)]);
    writer.publish(user, [numbered(1)]);
    await expectReceived(listening[0], [1]);
    proxy.cutSilently();
    writer.publish(user, range(2, 700).map(numbered));
    writer.publish(user + 1, [numbered(1)]);
    await expectReceived(listening[0], range(1, 700));
    await expectReceived(listening[1], range(1, 700));
    await expectReceived(listening[2], [1]);
    writer.publish(user, [numbered(701)]);
    await expectReceived(listening[1], range(1, 701));
  });

  it('puts a reset into the feed when the writer was cut off, before later events', async () => {
    const redis = keep(await startRedis());
    const proxy = keep(await cuttableProxy(redis.port));
    const { prefix } = settingsFor(0);
    const writer = await connect(proxy.port, prefix);
    const reader = await connect(redis.port, prefix);
    const listening = await listen(reader, null);
    writer.publish(user, [numbered(1)]);
    await expectReceived(listening, [1]);
    proxy.cutSilently();
    writer.publish(user, [numbered(2)]);
    await vi.waitFor(() => expect(writer.check()).rejects.toThrow(), patience);
    await vi.waitFor(() => writer.check(), patience);
    writer.publish(user, [numbered(3)]);
    await expectReceived(listening, [1, 'reset', 3]);
  });

  it('accepts subscriptions while Redis is away, and begins them with a reset when it is back', async () => {
    const redis = keep(await startRedis());
    await redis.kill();
    const feed = await connect(redis.port);
    const fresh = await listen(feed, null);
    const gone = await listen(feed, null, user + 1);
    await gone.subscription[Symbol.asyncDispose]();
    await redis.restart();
    await expectReceived(fresh, ['reset']);
    feed.publish(user, [numbered(1)]);
    await expectReceived(fresh, ['reset', 1]);
    await expectReceived(await listen(feed, fresh.subscription.position), ['reset']);
    expect(gone.received()).toEqual([]);
  });

  it('continues live after FLUSHALL, and resets listeners that resume from before', async () => {
    const redis = keep(await startRedis());
    const feed = await connect(redis.port);
    const listening = await listen(feed, null);
    feed.publish(user, [numbered(1)]);
    await expectReceived(listening, [1]);
    const admin = new Redis(redis.port, '127.0.0.1');
    await admin.flushall();
    await admin.script('FLUSH');
    admin.disconnect();
    feed.publish(user, [numbered(2)]);
    await expectReceived(listening, [1, 2]);
    await expectReceived(await listen(feed, ids(listening)[0]!), ['reset']);
  });
});
