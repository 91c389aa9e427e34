/** The queue port's suite, over both adapters; and what only the Redis adapter promises: to survive Redis. */
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bullmqQueue } from '../../server/adapters/queue-bullmq.ts';
import { memoryQueue } from '../../server/adapters/queue-memory.ts';
import type { Queue } from '../../server/ports/queue.ts';
import { cuttableProxy } from '../cuttable-proxy.ts';
import { canSpawnRedis, freePort, startRedis } from '../redis-server.ts';
import { bothAdapters, quietLog, settingsFor } from './adapters.ts';

const patience = { timeout: 25_000, interval: 10 };
const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).toReversed()) await resource[Symbol.asyncDispose]();
});

function keep<R extends AsyncDisposable>(resource: R): R {
  open.push(resource);
  return resource;
}

/** A handler that notes ids and finishes each call when told to. */
function gate() {
  const entered: number[] = [];
  const waiting: (() => void)[] = [];
  return {
    entered,
    onRing: (id: number) => {
      entered.push(id);
      return new Promise<void>((resolve) => void waiting.push(resolve));
    },
    letOneFinish: () => waiting.shift()?.(),
  };
}

/** Rings until a ring made from now on is heard. */
async function ringsAreHeard(queue: Queue, heard: readonly number[], from: number): Promise<number> {
  let id = from;
  await vi.waitFor(() => {
    queue.ring('replies', (id += 1));
    expect(Math.max(0, ...heard)).toBeGreaterThan(from);
  }, patience);
  return id;
}

async function listening(port: number) {
  const { log, lines } = quietLog();
  const settings = settingsFor(port);
  const queue = keep(await bullmqQueue(settings, log));
  const worker = keep(await bullmqQueue(settings, log));
  const heard: number[] = [];
  await worker.listen('replies', 2, async (id) => void heard.push(id));
  return { queue, worker, heard, lines };
}

const adapters = bothAdapters<Queue>(keep, () => memoryQueue(quietLog().log), { name: 'BullMQ', open: bullmqQueue });

describe.each(adapters)('queue over $name', ({ present, instances }) => {
  it.skipIf(!present)('rings every id in exactly one of several listeners', async () => {
    const [one, two] = await instances();
    const heard: [number[], number[]] = [[], []];
    await one.listen('replies', 4, async (id) => void heard[0].push(id));
    await two.listen('replies', 4, async (id) => void heard[1].push(id));
    const ids = Array.from({ length: 200 }, (_, index) => index + 1);
    for (const id of ids) (id % 2 ? one : two).ring('replies', id);
    await vi.waitFor(() => expect(heard.flat().length).toBeGreaterThanOrEqual(ids.length), patience);
    expect(heard.flat().toSorted((a, b) => a - b)).toEqual(ids);
    expect(heard[0].length).toBeGreaterThan(0);
    expect(heard[1].length).toBeGreaterThan(0);
  });

  it.skipIf(!present)('keeps topics apart and rings that came before anyone listened', async () => {
    const [queue] = await instances();
    const replies: number[] = [];
    const billing: number[] = [];
    queue.ring('replies', 1);
    queue.ring('billing', 2);
    await queue.listen('billing', 1, async (id) => void billing.push(id));
    await queue.listen('replies', 1, async (id) => void replies.push(id));
    await vi.waitFor(() => expect([replies, billing]).toEqual([[1], [2]]), patience);
  });

  it.skipIf(!present)('has at most `limit` calls unfinished', async () => {
    const [queue] = await instances();
    const { entered, onRing, letOneFinish } = gate();
    keep(await queue.listen('replies', 2, onRing));
    for (const id of [1, 2, 3, 4, 5]) queue.ring('replies', id);
    for (let expected = 2; expected <= 5; expected += 1) {
      await vi.waitFor(() => expect(entered.length).toBe(expected), patience);
      await queue.check();
      expect(entered.length).toBe(expected);
      letOneFinish();
    }
    letOneFinish();
  });

  it.skipIf(!present)('goes on after a rejection', async () => {
    const [queue] = await instances();
    const heard: number[] = [];
    await queue.listen('replies', 1, async (id) => {
      heard.push(id);
      if (id === 1) throw new Error('on purpose');
    });
    queue.ring('replies', 1);
    queue.ring('replies', 2);
    await vi.waitFor(() => expect(heard).toEqual([1, 2]), patience);
  });

  it.skipIf(!present)('waits for running calls when a listener closes, and calls it no more', async () => {
    const [queue] = await instances();
    const { entered, onRing, letOneFinish } = gate();
    const listener = await queue.listen('replies', 1, onRing);
    queue.ring('replies', 1);
    await vi.waitFor(() => expect(entered).toEqual([1]), patience);
    let closed = false;
    const closing = listener[Symbol.asyncDispose]().then(() => (closed = true));
    await queue.check();
    expect(closed).toBe(false);
    letOneFinish();
    await closing;
    queue.ring('replies', 2);
    const others: number[] = [];
    await queue.listen('replies', 1, async (id) => void others.push(id));
    await vi.waitFor(() => expect(others).toEqual([2]), patience);
    expect(entered).toEqual([1]);
  });

  it.skipIf(!present)('checks that rings get through', async () => {
    const [queue] = await instances();
    await queue.check();
    await queue.listen('replies', 1, async () => undefined);
    await vi.waitFor(() => queue.check(), patience);
  });
});

describe.skipIf(!canSpawnRedis)('queue over BullMQ when Redis fails', () => {
  it('is heard again after Redis was killed and restarted, without a line a retry', async () => {
    const redis = keep(await startRedis());
    const { queue, worker, heard, lines } = await listening(redis.port);
    let id = await ringsAreHeard(queue, heard, 0);
    await redis.kill();
    await vi.waitFor(() => expect(queue.check()).rejects.toThrow(), patience);
    await vi.waitFor(() => expect(worker.check()).rejects.toThrow(), patience);
    queue.ring('replies', (id += 1));
    const waited = id;
    await redis.restart();
    await vi.waitFor(() => expect(heard).toContain(waited), patience);
    await ringsAreHeard(queue, heard, id);
    await vi.waitFor(() => worker.check(), patience);
    expect(lines.filter(({ msg }) => msg.startsWith('Redis is away'))).toHaveLength(4);
  });

  it('is heard again after FLUSHALL, with calls under way', async () => {
    const redis = keep(await startRedis());
    const { queue, worker, heard } = await listening(redis.port);
    const { entered, onRing, letOneFinish } = gate();
    await worker.listen('billing', 2, onRing);
    queue.ring('billing', 1);
    const id = await ringsAreHeard(queue, heard, 0);
    await vi.waitFor(() => expect(entered).toEqual([1]), patience);
    const admin = new Redis(redis.port, '127.0.0.1');
    await admin.flushall();
    admin.disconnect();
    await ringsAreHeard(queue, heard, id);
    letOneFinish();
    queue.ring('billing', 2);
    queue.ring('billing', 3);
    await vi.waitFor(() => expect(entered).toEqual([1, 2, 3]), patience);
    letOneFinish();
    letOneFinish();
  });

  it('is heard again after every connection was cut silently', async () => {
    const redis = keep(await startRedis());
    const proxy = keep(await cuttableProxy(redis.port));
    const { queue, worker, heard } = await listening(proxy.port);
    const id = await ringsAreHeard(queue, heard, 0);
    proxy.cutSilently();
    await ringsAreHeard(queue, heard, id);
    await vi.waitFor(() => worker.check(), patience);
  });

  it('starts without Redis, never throws, and heals when it comes', async () => {
    const redis = keep(await startRedis());
    await redis.kill();
    const { queue, worker, heard } = await listening(redis.port);
    for (let id = 1; id <= 20_000; id += 1) queue.ring('replies', id);
    await expect(queue.check()).rejects.toThrow();
    await expect(worker.check()).rejects.toThrow();
    await redis.restart();
    await vi.waitFor(() => expect(heard).toContain(20_000), patience);
    expect(heard).not.toContain(1);
  });

  it('closes while Redis is away', async () => {
    const { queue, worker } = await listening(await freePort());
    queue.ring('replies', 1);
    await worker[Symbol.asyncDispose]();
    await queue[Symbol.asyncDispose]();
  });

  it('stops listening without calling Redis away', async () => {
    const { log, lines } = quietLog();
    const settings = settingsFor(keep(await startRedis()).port);
    const queue = keep(await bullmqQueue(settings, log));
    const bell = await queue.listen('replies', 1, async () => undefined);
    const redis = new Redis({ host: settings.host, port: settings.port });
    const waits = new RegExp(`name=${settings.prefix}:wait-replies .* cmd=bzpopmin`);
    await vi.waitFor(async () => expect(await redis.client('LIST')).toMatch(waits), patience);
    redis.disconnect();
    await bell[Symbol.asyncDispose]();
    expect(lines.map(({ msg }) => msg).filter((msg) => msg.startsWith('Redis is away'))).toEqual([]);
  });
});
