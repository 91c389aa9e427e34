/** Stops over wake-ups, for both adapters: every worker receives them, also after an outage of Redis. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoryWakeUps } from '../../server/adapters/wake-ups/memory.ts';
import { redisWakeUps } from '../../server/adapters/wake-ups/redis.ts';
import type { WakeUps } from '../../server/ports/wake-ups.ts';
import { cuttableProxy } from '../cuttable-proxy.ts';
import { canSpawnRedis, startRedis } from '../redis-server.ts';
import { bothAdapters, overRedis, quietLog, settingsFor } from './adapters.ts';

const openWakeUps = overRedis(redisWakeUps);
const patience = { timeout: 25_000, interval: 10 };
const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).toReversed()) await resource[Symbol.asyncDispose]();
});

function keep<R extends AsyncDisposable>(resource: R): R {
  open.push(resource);
  return resource;
}

function recordStops(wakeUps: WakeUps) {
  const received = new Set<number>();
  return { received, listener: keep(wakeUps.listenForStops((replyId) => void received.add(replyId))) };
}

const adapters = bothAdapters<WakeUps>(keep, () => memoryWakeUps(), { open: openWakeUps });

describe.each(adapters)('stops over $name', ({ present, instances }) => {
  it.skipIf(!present)('reach every listener, but none that was disposed', async () => {
    const [one, two] = await instances();
    const listeners = [recordStops(one), recordStops(two), recordStops(two)] as const;
    await vi.waitFor(() => Promise.all([one.check(), two.check()]), patience);
    one.stop(7);
    two.stop(8);
    for (const { received } of listeners) await vi.waitFor(() => expect(received).toEqual(new Set([7, 8])), patience);
    await listeners[0].listener[Symbol.asyncDispose]();
    one.stop(9);
    await vi.waitFor(() => expect(listeners[2].received).toContain(9), patience);
    expect(listeners[0].received).not.toContain(9);
  });
});

describe.skipIf(!canSpawnRedis)('stops when Redis fails', () => {
  it('reach listeners again after it was killed and restarted, or cut off silently', async () => {
    const redis = keep(await startRedis());
    const proxy = keep(await cuttableProxy(redis.port));
    const settings = settingsFor(proxy.port);
    const [sender, worker] = [
      keep(await openWakeUps(settings, quietLog().log)),
      keep(await openWakeUps(settings, quietLog().log)),
    ];
    const { received } = recordStops(worker);
    let replyId = 0;
    const expectDelivery = async () => {
      const before = received.size;
      await vi.waitFor(() => {
        sender.stop((replyId += 1));
        expect(received.size).toBeGreaterThan(before);
      }, patience);
    };
    await expectDelivery();
    await redis.kill();
    await vi.waitFor(() => expect(worker.check()).rejects.toThrow(), patience);
    await redis.restart();
    await expectDelivery();
    proxy.cutSilently();
    await expectDelivery();
    await vi.waitFor(() => worker.check(), patience);
  });
});
