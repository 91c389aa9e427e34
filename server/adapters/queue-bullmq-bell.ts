/** The ringing side of a BullMQ queue: rings gather in a bounded buffer and leave in batches. */
import { Queue as BullQueue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Topic } from '../ports/queue.ts';

const maxBuffered = 10_000;
const maxBatch = 500;
/** Rings nobody took yet. Past this the sweep has more to tell than a longer queue would. */
const maxWaiting = 50_000;
const depthCheckMs = 1000;
const retryMs = 500;

/** Where the queues of all topics lie. */
export function queuePrefix(prefix: string): string {
  return `${prefix}:queue`;
}

export interface BullmqBell extends AsyncDisposable {
  ring(id: number): void;
  /** Sends what has gathered, if Redis is there. */
  flush(): void;
}

/** Rings one topic. Job ids are Redis's own, because a job whose id was used before is silently ignored. */
export function bullmqBell(topic: Topic, client: Redis, prefix: string, log: Logger): BullmqBell {
  const queue = new BullQueue<{ id: number }>(topic, {
    connection: client,
    prefix: queuePrefix(prefix),
    // Asking for the version once failed would leave the queue unusable; the server is checked at start.
    skipVersionCheck: true,
    streams: { events: { maxLen: 10 } },
    defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
  });
  // The link logs outages; errors of a call reach its caller.
  queue.on('error', () => undefined);
  let buffer: number[] = [];
  let sending: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let depthCheckedMs = -Infinity;
  let isFull = false;

  function flush(): void {
    if (buffer.length === 0 || client.status !== 'ready') return;
    sending ??= send().finally(() => {
      sending = undefined;
      if (!retry) flush();
    });
  }

  async function send(): Promise<void> {
    const batch = buffer.splice(0, maxBatch);
    try {
      await checkDepth();
      if (!isFull) await queue.addBulk(batch.map((id) => ({ name: 'ring', data: { id } })));
    } catch (error) {
      log.debug({ err: error, topic }, 'rings not sent; trying again');
      buffer = [...batch, ...buffer].slice(-maxBuffered);
      retry = setTimeout(() => {
        retry = undefined;
        flush();
      }, retryMs).unref();
    }
  }

  async function checkDepth(): Promise<void> {
    if (performance.now() - depthCheckedMs < depthCheckMs) return;
    const wasFull = isFull;
    isFull = (await client.llen(queue.toKey('wait'))) >= maxWaiting;
    depthCheckedMs = performance.now();
    if (isFull && !wasFull) log.error({ topic }, 'nobody takes the rings of this topic; dropping new ones');
  }

  return {
    ring(id) {
      if (buffer.length === 0) setImmediate(flush);
      if (buffer.push(id) > maxBuffered) buffer.splice(0, maxBuffered / 10);
    },
    flush,
    async [Symbol.asyncDispose]() {
      clearTimeout(retry);
      flush();
      await sending;
      clearTimeout(retry);
      await queue.close();
    },
  };
}
