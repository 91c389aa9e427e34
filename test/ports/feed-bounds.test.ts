/** Bounds of one user's feed, with any events and slow readers, for both adapters. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FeedEvent } from '../../contract/events.ts';
import { memoryFeed } from '../../server/adapters/feed/memory.ts';
import { redisFeed } from '../../server/adapters/feed/redis.ts';
import type { Feed, FeedEntry } from '../../server/ports/feed.ts';
import { bothAdapters, overRedis } from './adapters.ts';
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

/** Publishes in successive turns of the event loop, as requests do. */
async function publishInTurn(feed: Feed, events: readonly FeedEvent[], listening: { entries: FeedEntry[] }) {
  for (const event of events) {
    const received = listening.entries.length;
    feed.publish(user, [event]);
    await vi.waitFor(() => expect(listening.entries.length).toBe(received + 1), patience);
  }
}

const adapters = bothAdapters<Feed>(keep, () => memoryFeed(), { open: openFeed });

describe.each(adapters)('bounds of a feed over $name', ({ present, instances }) => {
  it.skipIf(!present)('stores a mebibyte and answers an older position with a reset', async () => {
    const [one, two] = await instances();
    const whole = await listen(one, null);
    const total = 40;
    await publishInTurn(
      one,
      range(1, total).map((n) => sized(n, 100_000)),
      whole,
    );
    const held = await two.recent(user, 10_000);
    const bytes = held.reduce((sum, { data }) => sum + Buffer.byteLength(data), 0);
    expect(bytes).toBeLessThanOrEqual(mebibyte);
    expect(bytes).toBeGreaterThan(0.75 * mebibyte);
    await expectReceived(await listen(two, whole.subscription.position), ['reset']);
    await expectReceived(await listen(two, ids(whole)[total - held.length - 2]!), ['reset']);
    await expectReceived(await listen(two, held[0]!.id), range(total - held.length + 2, total));
  });

  it.skipIf(!present)('stores no more with the smallest events', async () => {
    const [one, two] = await instances();
    const whole = await listen(one, null);
    const total = 12_000;
    for (let n = 1; n <= total; n += 500) one.publish(user, range(n, n + 499).map(numbered));
    await vi.waitFor(() => expect(whole.entries.at(-1)?.chatroomId).toBe(total), patience);
    const held = (await two.recent(user, total)).length;
    expect(held * 128).toBeLessThanOrEqual(mebibyte);
    expect(held).toBeGreaterThan(2000);
  });

  it.skipIf(!present)('stores the longest message, and a reset instead of a larger one', async () => {
    const [one, two] = await instances();
    const whole = await listen(one, null);
    // Each character is six bytes as JSON.
    const longest = '\u0001'.repeat(32_000);
    const delta = { type: 'reply.delta', chatroom_id: 1, message_id: 1, attempt: 1, offset: 0 } as const;
    one.publish(user, [{ ...delta, text: longest }, sized(2, mebibyte / 4), numbered(3)]);
    await expectReceived(whole, [1, 'reset', 3]);
    expect(JSON.parse(whole.entries[0]!.data).text).toBe(longest);
    expect((await two.recent(user, 5)).map(read)).toEqual([1, 'reset', 3]);
  });

  it.skipIf(!present)('resets listeners when more than a feed stores is published at once', async () => {
    const [one] = await instances();
    const whole = await listen(one, null);
    one.publish(
      user,
      range(1, 40).map((n) => sized(n, 100_000)),
    );
    one.publish(user, [numbered(41)]);
    await vi.waitFor(() => expect(whole.received().at(-1)).toBe(41), patience);
    const received = whole.received();
    const isWhole = received.length === 41;
    expect(isWhole || received.includes('reset')).toBe(true);
  });

  it.skipIf(!present)('sends a slow reader one page at a time, without repeats', async () => {
    const [one, two] = await instances();
    const whole = await listen(one, null);
    const total = 50;
    await publishInTurn(
      one,
      range(1, total).map((n) => sized(n, 10_000)),
      whole,
    );
    const slow = await listenSlowly(two, whole.subscription.position);
    const pages: number[] = [];
    while (slow.received().length < total) {
      const received = slow.received().length;
      await slow.takeAll();
      await vi.waitFor(() => expect(slow.received().length).toBeGreaterThan(received), patience);
      pages.push(slow.received().length - received);
    }
    expect(slow.received()).toEqual(range(1, total));
    expect(Math.max(...pages)).toBeLessThanOrEqual(7);
    await slow.takeAll();
    one.publish(user, [numbered(total + 1)]);
    await vi.waitFor(() => expect(slow.received()).toEqual(range(1, total + 1)), patience);
  });

  it.skipIf(!present)('resets a reader whose next entry was dropped, and continues', async () => {
    const [one, two] = await instances();
    const whole = await listen(one, null);
    await publishInTurn(
      one,
      range(1, 8).map((n) => sized(n, 100_000)),
      whole,
    );
    const slow = await listenSlowly(two, whole.subscription.position);
    await vi.waitFor(() => expect(slow.received().length).toBeGreaterThan(0), patience);
    const early = slow.received();
    await publishInTurn(
      one,
      range(9, 30).map((n) => sized(n, 100_000)),
      whole,
    );
    expect(slow.received()).toEqual(early);
    await slow.takeAll();
    await vi.waitFor(() => expect(slow.received().at(-1)).toBe('reset'), patience);
    one.publish(user, [numbered(31)]);
    await vi.waitFor(() => expect(slow.received()).toEqual([...early, 'reset', 31]), patience);
  });

  it.skipIf(!present)('reports the memory in use', async () => {
    const [feed] = await instances();
    const before = await feed.memory();
    const whole = await listen(feed, null);
    await publishInTurn(feed, [sized(1, 200_000)], whole);
    expect((await feed.memory()).usedBytes).toBeGreaterThan(before.usedBytes + 150_000);
  });
});

/** A listener that accepts nothing more until `takeAll` is called. */
async function listenSlowly(feed: Feed, after: string) {
  const received: (number | string | null)[] = [];
  let taken = Promise.withResolvers<void>();
  const subscription = await feed.subscribe(user, after, (entry) => {
    received.push(read(entry));
    return taken.promise;
  });
  return {
    subscription,
    received: () => [...received],
    /** Accepts everything delivered so far. */
    async takeAll() {
      const now = taken;
      taken = Promise.withResolvers<void>();
      now.resolve();
      await now.promise;
    },
  };
}
