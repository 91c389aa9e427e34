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
function hear(wakeUps: WakeUps, topic: Topic = 'replies', most = 1) {
  let heard = 0;
  const listener = keep(
    wakeUps.listen(
      topic,
      async () => most,
      () => (heard += 1),
    ),
  );
  return {
    get heard() {
      return heard;
    },
    stop: () => listener[Symbol.asyncDispose](),
  };
}

type Ear = ReturnType<typeof hear>;

/** Wakes until a new wake-up was received: two, where an older one may be in flight. */
async function isHeardAgain(wakeUps: WakeUps, ear: Ear, atLeast = 1): Promise<void> {
  const enough = ear.heard + atLeast;
  await vi.waitFor(
    () => {
      wakeUps.wake('replies');
      expect(ear.heard).toBeGreaterThanOrEqual(enough);
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
  return { settings, sender, worker, ear: hear(worker), lines };
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
    const ears = [hear(one), hear(two)] as const;
    for (let n = 0; n < 100; n += 1) {
      one.wake('replies');
      two.wake('replies');
    }
    const heard = () => ears[0].heard + ears[1].heard;
    await vi.waitFor(() => expect(heard()).toBe(200), patience);
    await one.check();
    expect(heard()).toBe(200);
    expect(ears[0].heard).toBeGreaterThan(0);
    expect(ears[1].heard).toBeGreaterThan(0);
  });

  it.skipIf(!present)('are separate by topic, and kept until there is a listener', async () => {
    const [wakeUps] = await instances();
    wakeUps.wake('replies');
    wakeUps.wake('jobs');
    wakeUps.wake('jobs');
    const jobs = hear(wakeUps, 'jobs');
    const replies = hear(wakeUps, 'replies');
    await vi.waitFor(() => expect([replies.heard, jobs.heard]).toEqual([1, 2]), patience);
  });

  it.skipIf(!present)('are combined for a listener with room for many', async () => {
    const [wakeUps] = await instances();
    for (let n = 0; n < 50; n += 1) wakeUps.wake('replies');
    // Sent by then.
    await wakeUps.check();
    const many = hear(wakeUps, 'replies', 100);
    await vi.waitFor(() => expect(many.heard).toBe(1), patience);
    await isHeardAgain(wakeUps, many);
    expect(many.heard).toBe(2);
  });

  it.skipIf(!present)('are left to others by a listener without room', async () => {
    const [one, two] = await instances();
    const full = Promise.withResolvers<number>();
    let heard = 0;
    keep(
      one.listen(
        'replies',
        () => full.promise,
        () => (heard += 1),
      ),
    );
    const other = hear(two);
    for (let n = 0; n < 10; n += 1) one.wake('replies');
    await vi.waitFor(() => expect(other.heard).toBe(10), patience);
    expect(heard).toBe(0);
    await other.stop();
    full.resolve(1);
    await vi.waitFor(() => {
      one.wake('replies');
      expect(heard).toBeGreaterThan(0);
    }, patience);
  });

  it.skipIf(!present)('are bounded in number', async () => {
    const [wakeUps] = await instances();
    for (let turn = 0; turn < 5; turn += 1) {
      for (let n = 0; n < 1000; n += 1) wakeUps.wake('replies');
      await wakeUps.check();
    }
    const ear = hear(wakeUps, 'replies', 100);
    await vi.waitFor(() => expect(ear.heard).toBe(10), patience);
    await isHeardAgain(wakeUps, ear);
    expect(ear.heard).toBeLessThanOrEqual(12);
  });

  it.skipIf(!present)('are not received by a stopped listener', async () => {
    const [wakeUps] = await instances();
    const stopped = hear(wakeUps);
    await isHeardAgain(wakeUps, stopped);
    await wakeUps.check();
    const before = performance.now();
    await stopped.stop();
    expect(performance.now() - before).toBeLessThan(1000);
    const { heard } = stopped;
    await isHeardAgain(wakeUps, hear(wakeUps));
    expect(stopped.heard).toBe(heard);
  });

  it.skipIf(!present)('are checked', async () => {
    const [wakeUps] = await instances();
    await wakeUps.check();
    hear(wakeUps);
    await vi.waitFor(() => wakeUps.check(), patience);
  });
});

describe.skipIf(!canSpawnRedis)('wake-ups when Redis fails', () => {
  it('are received again after Redis was killed and restarted, without a log line for each retry', async () => {
    const redis = keep(await startRedis());
    const { sender, worker, ear, lines } = await listening(redis.port);
    await isHeardAgain(sender, ear);
    await redis.kill();
    await vi.waitFor(() => expect(sender.check()).rejects.toThrow(), patience);
    await vi.waitFor(() => expect(worker.check()).rejects.toThrow(), patience);
    await redis.restart();
    await isHeardAgain(sender, ear);
    await vi.waitFor(() => worker.check(), patience);
    expect(lines.filter(({ msg }) => msg.startsWith('Redis is unavailable'))).toHaveLength(3);
  });

  it('are received again after FLUSHALL', async () => {
    const redis = keep(await startRedis());
    const { sender, ear } = await listening(redis.port);
    await isHeardAgain(sender, ear);
    await commandOn(redis, (client) => client.flushall());
    await isHeardAgain(sender, ear);
  });

  it('are received again after every connection was cut silently', async () => {
    const redis = keep(await startRedis());
    const proxy = keep(await cuttableProxy(redis.port));
    const { sender, worker, ear } = await listening(proxy.port);
    for (let time = 0; time < 2; time += 1) {
      await isHeardAgain(sender, ear);
      proxy.cutSilently();
    }
    await isHeardAgain(sender, ear);
    await vi.waitFor(() => worker.check(), patience);
  });

  it('are received again by a listener whose connection was cut silently', async () => {
    const redis = keep(await startRedis());
    const proxy = keep(await cuttableProxy(redis.port));
    const { log } = quietLog();
    const settings = settingsFor(redis.port);
    const sender = keep(await openWakeUps(settings, log));
    const ear = hear(keep(await openWakeUps({ ...settings, port: proxy.port }, log)));
    await isHeardAgain(sender, ear);
    proxy.cutSilently();
    await isHeardAgain(sender, ear, 2);
  });

  it('are received again after Redis refused writes for a while, which a check reports', async () => {
    const redis = keep(await startRedis());
    const { sender, worker, ear } = await listening(redis.port);
    await isHeardAgain(sender, ear);
    const other = keep(await startRedis());
    await commandOn(redis, (client) => client.replicaof('127.0.0.1', other.port));
    await vi.waitFor(() => expect(worker.check()).rejects.toThrow(), patience);
    await commandOn(redis, (client) => client.replicaof('NO', 'ONE'));
    await isHeardAgain(sender, ear);
    await vi.waitFor(() => worker.check(), patience);
  });

  it('start without Redis, never throw, and recover when it is available', async () => {
    const redis = keep(await startRedis());
    await redis.kill();
    const { sender, worker, ear } = await listening(redis.port);
    for (let n = 0; n < 20_000; n += 1) sender.wake('replies');
    await expect(sender.check()).rejects.toThrow();
    await expect(worker.check()).rejects.toThrow();
    await redis.restart();
    await isHeardAgain(sender, ear);
  });

  it('close while Redis is away', async () => {
    const { sender, worker } = await listening(await freePort());
    sender.wake('replies');
    await worker[Symbol.asyncDispose]();
    await sender[Symbol.asyncDispose]();
  });

  it('end a wait at once when the listener is stopped, without reporting Redis as away', async () => {
    const redis = keep(await startRedis());
    const { settings, ear, lines } = await listening(redis.port);
    const waits = new RegExp(`name=${settings.prefix}:wait-replies .* cmd=blmpop`);
    const clients = () => commandOn(redis, (client) => client.client('LIST'));
    await vi.waitFor(async () => expect(await clients()).toMatch(waits), patience);
    const before = performance.now();
    await ear.stop();
    expect(performance.now() - before).toBeLessThan(500);
    await vi.waitFor(async () => expect(await clients()).not.toMatch(waits), { ...patience, timeout: 500 });
    expect(lines.map(({ msg }) => msg).filter((msg) => msg.startsWith('Redis is unavailable'))).toEqual([]);
  });
});
