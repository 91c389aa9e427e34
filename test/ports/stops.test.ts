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

function hear(wakeUps: WakeUps) {
  const heard = new Set<number>();
  return { heard, listener: keep(wakeUps.listenForStops((replyId) => void heard.add(replyId))) };
}

const adapters = bothAdapters<WakeUps>(keep, () => memoryWakeUps(), { open: openWakeUps });

describe.each(adapters)('stops over $name', ({ present, instances }) => {
  it.skipIf(!present)('reach every listener, but none that was disposed', async () => {
    const [one, two] = await instances();
    const ears = [hear(one), hear(two), hear(two)] as const;
    await vi.waitFor(() => Promise.all([one.check(), two.check()]), patience);
    one.stop(7);
    two.stop(8);
    for (const { heard } of ears) await vi.waitFor(() => expect(heard).toEqual(new Set([7, 8])), patience);
    await ears[0].listener[Symbol.asyncDispose]();
    one.stop(9);
    await vi.waitFor(() => expect(ears[2].heard).toContain(9), patience);
    expect(ears[0].heard).not.toContain(9);
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
    const { heard } = hear(worker);
    let replyId = 0;
    const isHeardAgain = async () => {
      const before = heard.size;
      await vi.waitFor(() => {
        sender.stop((replyId += 1));
        expect(heard.size).toBeGreaterThan(before);
      }, patience);
    };
    await isHeardAgain();
    await redis.kill();
    await vi.waitFor(() => expect(worker.check()).rejects.toThrow(), patience);
    await redis.restart();
    await isHeardAgain();
    proxy.cutSilently();
    await isHeardAgain();
    await vi.waitFor(() => worker.check(), patience);
  });
});
