/** The doorbell over BullMQ, heard in any process. */
import type { Logger } from 'pino';
import type { Queue, Topic } from '../ports/queue.ts';
import { bullmqListener, type BullmqListener } from './queue-bullmq-listener.ts';
import { bullmqBell, type BullmqBell } from './queue-bullmq-bell.ts';
import { connectPatientRedis, connectRedis, firstConnection, type RedisLink, type RedisSettings } from './redis.ts';

/** Rings through Redis. While it is away a bounded number of rings waits here, and listeners resume by themselves. */
export async function bullmqQueue(settings: RedisSettings, log: Logger): Promise<Queue> {
  const bells = new Map<Topic, BullmqBell>();
  const listeners = new Set<BullmqListener>();
  const ringing = connectRedis(settings, 'rings', log);
  /** Shared by the listeners of this process. */
  let working: RedisLink | undefined;
  ringing.client.on('ready', () => {
    for (const bell of bells.values()) bell.flush();
  });
  await firstConnection(ringing);

  return {
    ring(topic, id) {
      const bell = bells.get(topic) ?? bullmqBell(topic, ringing.client, settings.prefix, log);
      bells.set(topic, bell);
      bell.ring(id);
    },
    async listen(topic, limit, onRing) {
      working ??= connectPatientRedis(settings, 'jobs', log);
      const listener = bullmqListener(topic, limit, onRing, working.client, settings, log);
      listeners.add(listener);
      return {
        async [Symbol.asyncDispose]() {
          listeners.delete(listener);
          await listener[Symbol.asyncDispose]();
        },
      };
    },
    async check() {
      await ringing.client.set(`${settings.prefix}:queue-check`, '1', 'PX', 60_000);
      await Promise.all([...listeners].map((listener) => listener.check()));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...listeners].map((listener) => listener[Symbol.asyncDispose]()));
      await Promise.all([...bells.values()].map((bell) => bell[Symbol.asyncDispose]()));
      await Promise.all([working?.[Symbol.asyncDispose](), ringing[Symbol.asyncDispose]()]);
    },
  };
}
