/** The feed port's suite, over both adapters. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoryFeed } from '../../server/adapters/feed/memory.ts';
import { redisFeed } from '../../server/adapters/feed/redis.ts';
import type { Feed, FeedEntry } from '../../server/ports/feed.ts';
import { anyOf, randomFrom, seed } from '../random.ts';
import { bothAdapters, overRedis } from './adapters.ts';
import {
  expectReceived,
  ids,
  listen,
  numbered,
  patience,
  range,
  read,
  user,
  type Listening,
} from './feed-listening.ts';

const openFeed = overRedis(redisFeed);

const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).toReversed()) await resource[Symbol.asyncDispose]();
});

function keep<R extends AsyncDisposable>(resource: R): R {
  open.push(resource);
  return resource;
}

const adapters = bothAdapters<Feed>(keep, () => memoryFeed(), { open: openFeed });

describe.each(adapters)('feed over $name', ({ present, instances }) => {
  it.skipIf(!present)('delivers in order, to every process, to this user only', async () => {
    const [one, two] = await instances();
    const here = await listen(one, null);
    const there = await listen(two, null);
    const other = await listen(two, null, user + 1);
    one.publish(user, [numbered(1), numbered(2)]);
    one.publish(user + 1, [numbered(100)]);
    one.publish(user, [numbered(3)]);
    await expectReceived(here, [1, 2, 3]);
    await expectReceived(there, [1, 2, 3]);
    await expectReceived(other, [100]);
    expect(there.entries.map(({ data }) => JSON.parse(data))).toEqual([1, 2, 3].map(numbered));
    expect(there.entries.map(({ id }) => id)).toEqual(here.entries.map(({ id }) => id));
    one.publish(user, [{ type: 'subscription.changed', tier: 'Pro', status: 'active' }]);
    await vi.waitFor(() => expect(here.entries.at(-1)?.type).toBe('subscription.changed'), patience);
    expect(here.entries.at(-1)?.chatroomId).toBeNull();
  });

  it.skipIf(!present)('passes one object to all listeners of a process, and nothing after dispose', async () => {
    const [feed] = await instances();
    const first = await listen(feed, null);
    const second = await listen(feed, null);
    feed.publish(user, [numbered(1)]);
    await expectReceived(first, [1]);
    await expectReceived(second, [1]);
    expect(first.entries[0]).toBe(second.entries[0]);
    await first.subscription[Symbol.asyncDispose]();
    feed.publish(user, [numbered(2)]);
    await expectReceived(second, [1, 2]);
    expect(first.received()).toEqual([1]);
  });

  it.skipIf(!present)('resumes at every position it returned', async () => {
    const [one, two] = await instances();
    const whole = await listen(one, null);
    one.publish(user, range(1, 20).map(numbered));
    await expectReceived(whole, range(1, 20));
    const positions = [whole.subscription.position, ...whole.entries.map(({ id }) => id)];
    const resumed = await Promise.all(positions.map((position) => listen(two, position)));
    one.publish(user, [numbered(21)]);
    for (const [held, listening] of resumed.entries()) {
      expect(listening.subscription.position).toBe(positions[held]);
      await expectReceived(listening, range(held + 1, 21));
    }
    expect(Math.max(...positions.map((position) => position.length))).toBeLessThanOrEqual(64);
  });

  it.skipIf(!present)('cuts over from backlog to live without gap or repeat under load', async () => {
    const [one, two] = await instances();
    const random = randomFrom(seed);
    const total = 1500;
    const whole = await listen(two, null);
    const joined: { listening: Listening; after: string | null }[] = [];
    const joining: Promise<void>[] = [];
    await new Promise<void>((resolve) => {
      let published = 0;
      const publishSome = () => {
        const some = Math.min(1 + random(4), total - published);
        one.publish(user, range(published + 1, published + some).map(numbered));
        published += some;
        if (random(100) < 8) {
          const after = random(10) < 2 ? null : anyOf(random, [whole.subscription.position, ...ids(whole)]);
          const feed = anyOf(random, [one, two]);
          joining.push(listen(feed, after).then((listening) => void joined.push({ listening, after })));
        }
        if (published < total) setImmediate(publishSome);
        else resolve();
      };
      publishSome();
    });
    await Promise.all(joining);
    await expectReceived(whole, range(1, total));
    expect(joined.length).toBeGreaterThan(10);
    for (const { listening } of joined) {
      const start = ids(whole).indexOf(listening.subscription.position) + 1;
      await expectReceived(listening, range(start + 1, total));
    }
  });

  it.skipIf(!present)('loses and repeats nothing for a reader that disconnects and resumes repeatedly', async () => {
    const [one, two] = await instances();
    const total = 600;
    const gone = await listen(one, null);
    await gone.subscription[Symbol.asyncDispose]();
    let published = 0;
    const publishOne = () => {
      one.publish(user, [numbered((published += 1))]);
      if (published < total) setImmediate(publishOne);
    };
    publishOne();
    const received: FeedEntry[] = [];
    while (received.length < total) {
      const { promise: news, resolve: hear } = Promise.withResolvers<void>();
      const after = received.at(-1)?.id ?? gone.subscription.position;
      const session = await two.subscribe(user, after, (entry) => {
        received.push(entry);
        hear();
      });
      await news;
      await session[Symbol.asyncDispose]();
    }
    expect(received.map(read)).toEqual(range(1, total));
    expect(gone.received()).toEqual([]);
  });

  it.skipIf(!present)('answers an unknown position with a reset that has a new position', async () => {
    const [one, two] = await instances();
    const stranger = await listen(one, null, user + 1);
    one.publish(user + 1, range(1, 5).map(numbered));
    one.publish(user, [numbered(1), numbered(2)]);
    await expectReceived(stranger, range(1, 5));
    const foreign = ['', '0-0', '0-1', '-', '$', '5', 'nonsense', '1-1-1', '99999999999999999999-0', 'x'.repeat(64)];
    for (const position of [...foreign, ids(stranger).at(-1)!]) {
      const lost = await listen(two, position);
      expect(lost.subscription.position).toBe(position);
      await expectReceived(lost, ['reset']);
      expect(JSON.parse(lost.entries[0]!.data)).toMatchObject({ type: 'feed.reset', reason: expect.any(String) });
      const resumed = await listen(two, lost.entries[0]!.id);
      one.publish(user, [numbered(3)]);
      await expectReceived(lost, ['reset', 3]);
      await expectReceived(resumed, [3]);
    }
  });

  it.skipIf(!present)('returns a position even for an empty feed', async () => {
    const [one, two] = await instances();
    const { subscription } = await listen(one, null);
    const waiting = await listen(two, subscription.position);
    one.publish(user, [numbered(1), numbered(2)]);
    await expectReceived(waiting, [1, 2]);
    await expectReceived(await listen(two, subscription.position), [1, 2]);
  });

  it.skipIf(!present)('returns the newest entries, oldest first', async () => {
    const [feed] = await instances();
    expect(await feed.recent(user, 5)).toEqual([]);
    const whole = await listen(feed, null);
    expect(await feed.recent(user, 5)).toEqual([]);
    feed.publish(user, range(1, 7).map(numbered));
    await expectReceived(whole, range(1, 7));
    expect(await feed.recent(user, 5)).toEqual(whole.entries.slice(2));
    expect((await feed.recent(user, 50)).map(read)).toEqual(range(1, 7));
    await feed.check();
  });

  it.skipIf(!present)('allows listeners to publish and unsubscribe while being called', async () => {
    const [feed] = await instances();
    const received: (number | string | null)[] = [];
    const subscription = await feed.subscribe(user, null, (entry) => {
      received.push(read(entry));
      if (received.length === 1) feed.publish(user, [numbered(3)]);
      if (received.length === 3) void subscription[Symbol.asyncDispose]();
    });
    const other = await listen(feed, null);
    feed.publish(user, [numbered(1), numbered(2)]);
    await expectReceived(other, [1, 2, 3]);
    feed.publish(user, [numbered(4)]);
    await expectReceived(other, [1, 2, 3, 4]);
    expect(received).toEqual([1, 2, 3]);
  });
});
