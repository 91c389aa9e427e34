/** The listening side of a BullMQ queue, made to resume by itself after whatever happens to Redis. */
import { setTimeout as pause } from 'node:timers/promises';
import { QueueKeys, RedisConnection, RedisQueueBackend, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Topic } from '../ports/queue.ts';
import { queuePrefix } from './queue-bullmq-bell.ts';
import { connectBlockingRedis, type RedisSettings } from './redis.ts';

/** How long one blocking wait for rings lasts: also about how long a silently dead connection goes unnoticed. */
const waitS = 2;
const waitOverdueMs = (waitS + 1.5) * 1000;
const failurePauseMs = 500;
const closeGraceMs = 1000;
const answerTimeoutMs = 1000;
const warnIntervalMs = 30_000;

export interface BullmqListener extends AsyncDisposable {
  /** Rejects when this listener does not hear rings. */
  check(): Promise<void>;
}

/** BullMQ's Redis backend with shorter waits, no busy loop on errors, and a view of how long a wait has lasted. */
class ListenerBackend extends RedisQueueBackend {
  waitingSinceMs: number | null = null;

  // After an error BullMQ waits as long as it may, whatever `drainDelay` says.
  override get maximumBlockTimeout(): number {
    return waitS;
  }

  override async waitForJob(timeoutS: number): ReturnType<RedisQueueBackend['waitForJob']> {
    this.waitingSinceMs = performance.now();
    try {
      return await super.waitForJob(timeoutS);
    } finally {
      this.waitingSinceMs = null;
    }
  }

  // BullMQ asks again at once when this fails, as it does without end on a Redis that is full or read-only.
  override async moveToActive(token: string, name?: string): ReturnType<RedisQueueBackend['moveToActive']> {
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      await pause(failurePauseMs);
      throw error;
    }
  }
}

/** Listens to one topic. `working` is a patient connection that may be shared; it is left open. */
export function bullmqListener(
  topic: Topic,
  limit: number,
  onRing: (id: number) => Promise<void>,
  working: Redis,
  settings: RedisSettings,
  log: Logger,
): BullmqListener {
  const prefix = queuePrefix(settings.prefix);
  const waiting = connectBlockingRedis(settings, `wait-${topic}`, log);
  const running = new Set<Promise<void>>();
  let stopped = false;
  const worker = new Worker<{ id: number }, void, string, ListenerBackend>(
    topic,
    async ({ data }) => {
      // A ring that came late, over a connection that came back after we gave up on it. The sweep knows it too.
      if (stopped) return;
      const call = run(data.id).finally(() => running.delete(call));
      running.add(call);
      await call;
    },
    { connection: working, prefix, concurrency: limit, drainDelay: waitS, runRetryDelay: failurePauseMs },
    (name, options) => {
      const keys = new QueueKeys(prefix);
      const link = new RedisConnection(working, { shared: true, blocking: false, skipVersionCheck: true });
      const waitingLink = new RedisConnection(waiting.client, { shared: true, blocking: true, skipVersionCheck: true });
      const toKey = (type: string) => keys.toKey(name, type);
      return new ListenerBackend(link, name, keys.getKeys(name), toKey, options, waitingLink);
    },
  );
  const backend = worker.getBackend();
  worker.on('error', warnSometimes(log, topic));

  async function run(id: number): Promise<void> {
    try {
      await onRing(id);
    } catch (error) {
      log.error({ err: error, topic, id }, 'answering a ring failed');
    }
  }

  return {
    async check() {
      const { waitingSinceMs } = backend;
      const isOverdue = waitingSinceMs !== null && performance.now() - waitingSinceMs > waitOverdueMs;
      if (waiting.client.status !== 'ready' || working.status !== 'ready' || isOverdue) {
        throw new Error(`The listener of ${topic} is cut off from Redis.`);
      }
      const late = pause(answerTimeoutMs, undefined, { ref: false }).then(() => {
        throw new Error(`Redis does not answer the listener of ${topic}.`);
      });
      await Promise.race([working.ping(), late]);
    },
    async [Symbol.asyncDispose]() {
      // BullMQ closes the connection that it waits on.
      waiting.hush();
      const closed = worker.close().catch(() => undefined);
      // While Redis is away BullMQ would wait for it; our calls are what must end.
      const enough = Promise.all(running).then(() => pause(closeGraceMs, undefined, { ref: false }));
      await Promise.race([closed, enough]);
      stopped = true;
      await waiting[Symbol.asyncDispose]();
    },
  };
}

/** Logs one error in a while loudly; the link tells of outages by itself. */
function warnSometimes(log: Logger, topic: Topic): (error: Error) => void {
  let warnedMs = -Infinity;
  return (error) => {
    const isQuiet = performance.now() - warnedMs < warnIntervalMs;
    log[isQuiet ? 'debug' : 'warn']({ err: error, topic }, 'trouble while listening for rings');
    if (!isQuiet) warnedMs = performance.now();
  };
}
