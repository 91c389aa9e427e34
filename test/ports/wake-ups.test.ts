/** The suite of wake-ups for both adapters, and the recovery of the Redis adapter. */
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoryWakeUps } from '../../server/adapters/wake-ups/memory.ts';
import { redisWakeUps } from '../../server/adapters/wake-ups/redis.ts';
import type { Topic, WakeUps } from '../../server/ports/wake-ups.ts';
import { cuttableProxy } from '../cuttable-proxy.ts';
import { canSpawnRedis, freePort, startRedis, type RedisServer } from '../redis-server.ts';
import { bothAdapters, quietLog, settingsFor, overRedis } from './adapters.ts';

const openWakeUps = overRedis(redisWakeUps);

const patience = { timeout: 25_000, interval: 10 };
/** The limit of recovery after Redis is reachable again. */
const heardAgainMs = 10_000;
const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).toReversed()) await resource[Symbol.asyncDispose]();
});

function keep<R extends AsyncDisposable>(resource: R): R {
  open.push(resource);
  return resource;
}

/** A listener that counts wake-ups, with a settable number of free slots. */
function countWakeUps(wakeUps: WakeUps, topic: Topic = 'replies', most = 1) {
  let received = 0;
  const listener = keep(
    wakeUps.listen(
      topic,
      async () => most,
      () => (received += 1),
    ),
  );
  return {
    get received() {
      return received;
    },
    stop: () => listener[Symbol.asyncDispose](),
  };
}

type WakeUpCounter = ReturnType<typeof countWakeUps>;

/** Wakes until a new wake-up was received: two, where an older one may be in flight. */
async function expectDelivery(wakeUps: WakeUps, listener: WakeUpCounter, atLeast = 1): Promise<void> {
  const enough = listener.received + atLeast;
  await vi.waitFor(
    () => {
      wakeUps.wake('replies');
      expect(listener.received).toBeGreaterThanOrEqual(enough);
    },
    { ...patience, timeout: heardAgainMs },
  );
}

/** Two processes on one Redis: one wakes, the other listens. */
async function listening(port: number) {
  const { log, lines } = quietLog();
  const settings = settingsFor(port);
  const sender = keep(await openWakeUps(settings, log));
  const worker = keep(await openWakeUps(settings, log));
  return { settings, sender, worker, listener: countWakeUps(worker), lines };
}

async function commandOn<T>({ port }: RedisServer, command: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(port, '127.0.0.1');
  try {
    return await command(client);
  } finally {
    client.disconnect();
  }
}

const adapters = bothAdapters<WakeUps>(keep, () => memoryWakeUps(), { open: openWakeUps });

describe.each(adapters)('wake-ups over $name', ({ present, instances }) => {
  it.skipIf(!present)('each wake one of several listeners', async () => {
    const [one, two] = await instances();
    const listeners = [countWakeUps(one), countWakeUps(two)] as const;
    for (let n = 0; n < 100; n += 1) {
      one.wake('replies');
      two.wake('replies');
    }
    const received = () => listeners[0].received + listeners[1].received;
    await vi.waitFor(() => expect(received()).toBe(200), patience);
    await one.check();
    expect(received()).toBe(200);
    expect(listeners[0].received).toBeGreaterThan(0);
    expect(listeners[1].received).toBeGreaterThan(0);
  });

  it.skipIf(!present)('are separate by topic, and kept until there is a listener', async () => {
    const [wakeUps] = await instances();
    wakeUps.wake('replies');
    wakeUps.wake('jobs');
    wakeUps.wake('jobs');
    const jobs = countWakeUps(wakeUps, 'jobs');
    const replies = countWakeUps(wakeUps, 'replies');
    await vi.waitFor(() => expect([replies.received, jobs.received]).toEqual([1, 2]), patience);
  });

  it.skipIf(!present)('are combined for a listener with room for many', async () => {
    const [wakeUps] = await instances();
    for (let n = 0; n < 50; n += 1) wakeUps.wake('replies');
    // Sent by then.
    await wakeUps.check();
    const many = countWakeUps(wakeUps, 'replies', 100);
    await vi.waitFor(() => expect(many.received).toBe(1), patience);
    await expectDelivery(wakeUps, many);
    expect(many.received).toBe(2);
  });

  it.skipIf(!present)('are left to others by a listener without room', async () => {
    const [one, two] = await instances();
    const full = Promise.withResolvers<number>();
    let received = 0;
    keep(
      one.listen(
        'replies',
        () => full.promise,
        () => (received += 1),
      ),
    );
    const other = countWakeUps(two);
    for (let n = 0; n < 10; n += 1) one.wake('replies');
    await vi.waitFor(() => expect(other.received).toBe(10), patience);
    expect(received).toBe(0);
    await other.stop();
    full.resolve(1);
    await vi.waitFor(() => {
      one.wake('replies');
      expect(received).toBeGreaterThan(0);
    }, patience);
  });

  it.skipIf(!present)('are bounded in number', async () => {
    const [wakeUps] = await instances();
    for (let turn = 0; turn < 5; turn += 1) {
      for (let n = 0; n < 1000; n += 1) wakeUps.wake('replies');
      await wakeUps.check();
    }
    const listener = countWakeUps(wakeUps, 'replies', 100);
    await vi.waitFor(() => expect(listener.received).toBe(10), patience);
    await expectDelivery(wakeUps, listener);
    expect(listener.received).toBeLessThanOrEqual(12);
  });

  it.skipIf(!present)('are not received by a stopped listener', async () => {
    const [wakeUps] = await instances();
    const stopped = countWakeUps(wakeUps);
    await expectDelivery(wakeUps, stopped);
    await wakeUps.check();
    const before = performance.now();
    await stopped.stop();
    expect(performance.now() - before).toBeLessThan(1000);
    const { received } = stopped;
    await expectDelivery(wakeUps, countWakeUps(wakeUps));
    expect(stopped.received).toBe(received);
  });

  it.skipIf(!present)('are checked', async () => {
    const [wakeUps] = await instances();
    await wakeUps.check();
    countWakeUps(wakeUps);
    await vi.waitFor(() => wakeUps.check(), patience);
  });
});

describe.skipIf(!canSpawnRedis)('wake-ups when Redis fails', () => {
  it('are received again after Redis was killed and restarted, without a log line for each retry', async () => {
    const redis = keep(await startRedis());
    const { sender, worker, listener, lines } = await listening(redis.port);
    await expectDelivery(sender, listener);
    await redis.kill();
    await vi.waitFor(() => expect(sender.check()).rejects.toThrow(), patience);
    await vi.waitFor(() => expect(worker.check()).rejects.toThrow(), patience);
    await redis.restart();
    await expectDelivery(sender, listener);
    await vi.waitFor(() => worker.check(), patience);
    expect(lines.filter(({ msg }) => msg.startsWith('Redis is unavailable'))).toHaveLength(3);
  });

  it('are received again after FLUSHALL', async () => {
    const redis = keep(await startRedis());
    const { sender, listener } = await listening(redis.port);
    await expectDelivery(sender, listener);
    await commandOn(redis, (client) => client.flushall());
    await expectDelivery(sender, listener);
  });

  it('are received again after every connection was cut silently', async () => {
    const redis = keep(await startRedis());
    const proxy = keep(await cuttableProxy(redis.port));
    const { sender, worker, listener } = await listening(proxy.port);
    for (let time = 0; time < 2; time += 1) {
      await expectDelivery(sender, listener);
      proxy.cutSilently();
    }
    await expectDelivery(sender, listener);
    await vi.waitFor(() => worker.check(), patience);
  });

  it('are received again by a listener whose connection was cut silently', async () => {
    const redis = keep(await startRedis());
    const proxy = keep(await cuttableProxy(redis.port));
    const { log } = quietLog();
    const settings = settingsFor(redis.port);
    const sender = keep(await openWakeUps(settings, log));
    const listener = countWakeUps(keep(await openWakeUps({ ...settings, port: proxy.port }, log)));
    await expectDelivery(sender, listener);
    proxy.cutSilently();
    await expectDelivery(sender, listener, 2);
  });

  it('are received again after Redis refused writes for a while, which a check reports', async () => {
    const redis = keep(await startRedis());
    const { sender, worker, listener } = await listening(redis.port);
    await expectDelivery(sender, listener);
    const other = keep(await startRedis());
    await commandOn(redis, (client) => client.replicaof('127.0.0.1', other.port));
    await vi.waitFor(() => expect(worker.check()).rejects.toThrow(), patience);
    await commandOn(redis, (client) => client.replicaof('NO', 'ONE'));
    await expectDelivery(sender, listener);
    await vi.waitFor(() => worker.check(), patience);
  });

  it('start without Redis, never throw, and recover when it is available', async () => {
    const redis = keep(await startRedis());
    await redis.kill();
    const { sender, worker, listener } = await listening(redis.port);
    for (let n = 0; n < 20_000; n += 1) sender.wake('replies');
    await expect(sender.check()).rejects.toThrow();
    await expect(worker.check()).rejects.toThrow();
    await redis.restart();
    await expectDelivery(sender, listener);
  });

  it('close while Redis is away', async () => {
    const { sender, worker } = await listening(await freePort());
    sender.wake('replies');
    await worker[Symbol.asyncDispose]();
    await sender[Symbol.asyncDispose]();
  });

  it('end a wait at once when the listener is stopped, without reporting Redis as away', async () => {
    const redis = keep(await startRedis());
    const { settings, listener, lines } = await listening(redis.port);
    const waits = new RegExp(`name=${settings.prefix}:wait-replies .* cmd=blmpop`);
    const clients = () => commandOn(redis, (client) => client.client('LIST'));
    await vi.waitFor(async () => expect(await clients()).toMatch(waits), patience);
    const before = performance.now();
    await listener.stop();
    expect(performance.now() - before).toBeLessThan(500);
    await vi.waitFor(async () => expect(await clients()).not.toMatch(waits), { ...patience, timeout: 500 });
    expect(lines.map(({ msg }) => msg).filter((msg) => msg.startsWith('Redis is unavailable'))).toEqual([]);
  });
});
