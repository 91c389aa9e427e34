/** No event of a room follows its deletion on a feed, from any process, for both adapters. */
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FeedEvent } from '../../contract/events.ts';
import { memoryFeed } from '../../server/adapters/feed/memory.ts';
import { redisFeed } from '../../server/adapters/feed/redis.ts';
import type { Feed, FeedEntry } from '../../server/ports/feed.ts';
import { anyOf, randomFrom, seed } from '../random.ts';
import { canSpawnRedis, startRedis } from '../redis-server.ts';
import { bothAdapters, overRedis, quietLog, settingsFor } from './adapters.ts';
import { listen, numbered, patience, range, sized, user, type Listening } from './feed-listening.ts';

const openFeed = overRedis(redisFeed);
const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).toReversed()) await resource[Symbol.asyncDispose]();
});

function keep<R extends AsyncDisposable>(resource: R): R {
  open.push(resource);
  return resource;
}

const deleted = (roomId: number): FeedEvent => ({ type: 'chatroom.deleted', chatroom_id: roomId });
const last: FeedEvent = { type: 'user.changed', what: 'settings' };
const told = ({ type, chatroomId }: FeedEntry) => (type === 'chatroom.deleted' ? `gone ${chatroomId}` : chatroomId);
const received = ({ entries }: Listening) => entries.map(told);

/** Publishes an event and waits until it is received; then earlier ones have been received too. */
async function hearAll(feed: Feed, listening: Listening): Promise<void> {
  feed.publish(user, [last]);
  await vi.waitFor(() => expect(listening.entries.at(-1)?.type).toBe(last.type), patience);
}

const adapters = bothAdapters<Feed>(keep, () => memoryFeed(), { open: openFeed });

describe.each(adapters)('a deleted room in a feed over $name', ({ present, instances }) => {
  it.skipIf(!present)('has no further events, while other rooms continue: live, stored and resumed', async () => {
    const [api, worker] = await instances();
    const live = await listen(api, null);
    const other = await listen(api, null, user + 1);
    worker.publish(user, [numbered(5), numbered(6)]);
    await vi.waitFor(() => expect(received(live)).toEqual([5, 6]), patience);
    api.publish(user, [numbered(5), deleted(5), numbered(5)]);
    await vi.waitFor(() => expect(received(live)).toEqual([5, 6, 5, 'gone 5']), patience);
    worker.publish(user, [sized(5, 10), numbered(6), deleted(5)]);
    worker.publish(user, [numbered(5)]);
    worker.publish(user + 1, [numbered(5)]);
    await hearAll(worker, live);
    const all = [5, 6, 5, 'gone 5', 6, null];
    expect(received(live)).toEqual(all);
    await vi.waitFor(() => expect(received(other)).toEqual([5]), patience);
    expect((await worker.recent(user, 100)).map(told)).toEqual(all);
    const resumed = await listen(worker, live.subscription.position);
    await vi.waitFor(() => expect(received(resumed)).toEqual(all), patience);
  });

  it.skipIf(!present)('has none with concurrent events from two processes', async () => {
    const processes = await instances();
    const live = await listen(processes[0], null);
    const random = randomFrom(seed);
    for (let turn = 0; turn < 400; turn += 1) {
      const roomId = 1 + random(40);
      anyOf(random, processes).publish(user, [random(10) === 0 ? deleted(roomId) : numbered(roomId)]);
      if (random(4) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const feed of processes) await feed.check();
    await hearAll(processes[0], live);
    const gone = new Set<number>();
    for (const { type, chatroomId } of live.entries) {
      expect(gone).not.toContain(chatroomId);
      if (type === 'chatroom.deleted') gone.add(chatroomId!);
    }
    expect(gone.size).toBeGreaterThan(10);
  });

  it.skipIf(!present)('is remembered if among the last 500', async () => {
    const [feed] = await instances();
    const live = await listen(feed, null);
    feed.publish(user, range(1, 800).map(deleted));
    feed.publish(user, range(301, 800).map(numbered));
    await hearAll(feed, live);
    expect(live.entries).toHaveLength(801);
  });
});

describe.skipIf(!canSpawnRedis)('a deleted room in a full Redis', () => {
  it('has no further events either', async () => {
    const redis = keep(await startRedis({ args: ['--maxmemory-policy', 'noeviction'] }));
    const client = new Redis(redis.url);
    keep({ [Symbol.asyncDispose]: async () => client.disconnect() });
    const feed = keep(await openFeed(settingsFor(redis.port), quietLog().log));
    const live = await listen(feed, null);
    await client.config('SET', 'maxmemory', '1mb');
    feed.publish(user, [numbered(5), deleted(5), numbered(5)]);
    feed.publish(user, [numbered(5)]);
    await hearAll(feed, live);
    expect(received(live)).toEqual([5, 'gone 5', null]);
  });
});
