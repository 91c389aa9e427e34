/** Writes the Redis feed: batches per user, bounded in bytes; losses are reported with a reset. */
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { FeedEvent } from '../../../contract/events.ts';
import { feedItem, heldBytes, resetItem, type FeedItem } from './entry.ts';
import type { RedisStreams } from './redis-stream.ts';

/** Limit of one call: Redis serves no other client during it. */
const largestCall = { bytes: 256 * 1024, items: 500 };
/** Events of all users that wait for the previous batch. */
const mostPendingBytes = 32 * 1024 * 1024;
const maxRemembered = 100_000;
const resetsAtOnce = 500;
const retryMs = 500;
/** How long events are only published after Redis reported that it is full. */
const fullForMs = 5000;

export interface Publisher extends AsyncDisposable {
  publish(userId: number, events: readonly FeedEvent[]): void;
}

/** Pending events of one user, divided into calls. */
interface Outgoing {
  readonly calls: FeedItem[][];
  bytes: number;
  /** Of the last call. */
  callBytes: number;
}

/**
 * Sends events published in one turn of the event loop, or while the previous batch is in flight, as one batch. Nothing is
 * queued while Redis is unavailable.
 */
export function redisPublisher(client: Redis, streams: RedisStreams, log: Logger): Publisher {
  let pending = new Map<number, Outgoing>();
  let pendingBytes = 0;
  /** Users whose feed has a gap that was not reported with a reset yet. */
  const holed = new Set<number>();
  let flushing: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  const append = appendOrPublish(streams, log);

  function lose(userId: number): void {
    retry ??= setTimeout(fillHoles, retryMs).unref();
    if (holed.size === maxRemembered || holed.has(userId)) return;
    holed.add(userId);
    if (holed.size === maxRemembered) log.error('too many feeds lost events; further losses are not reported');
  }

  function add(userId: number, item: FeedItem): void {
    const outgoing = pending.get(userId) ?? { calls: [], bytes: 0, callBytes: 0 };
    pending.set(userId, outgoing);
    // More than a feed holds would push out its own first events.
    if (outgoing.bytes + item.bytes > heldBytes || pendingBytes + item.bytes > mostPendingBytes) {
      pending.delete(userId);
      pendingBytes -= outgoing.bytes;
      return lose(userId);
    }
    const call = outgoing.calls.at(-1);
    const fits = call && call.length < largestCall.items && outgoing.callBytes + item.bytes <= largestCall.bytes;
    if (fits) call.push(item);
    else outgoing.calls.push([item]);
    outgoing.callBytes = item.bytes + (fits ? outgoing.callBytes : 0);
    outgoing.bytes += item.bytes;
    pendingBytes += item.bytes;
  }

  async function send(userId: number, calls: readonly FeedItem[][]): Promise<void> {
    if (client.status !== 'ready') return lose(userId);
    const all = holed.delete(userId) ? [[resetItem('loss')], ...calls] : calls;
    try {
      // Sequential: nothing may be appended after a refused call.
      for (const items of all) await append(streams.key(userId), items);
    } catch {
      lose(userId);
    }
  }

  async function flush(): Promise<void> {
    while (pending.size > 0) {
      const batch = pending;
      pending = new Map();
      pendingBytes = 0;
      await Promise.all(Array.from(batch, ([userId, { calls }]) => send(userId, calls)));
    }
    flushing = undefined;
  }

  function fillHoles(): void {
    retry = undefined;
    if (holed.size === 0) return;
    // Runs again on reconnection.
    if (client.status !== 'ready') return;
    for (const userId of [...holed].slice(0, resetsAtOnce)) void send(userId, []);
    if (holed.size > 0) retry = setTimeout(fillHoles, retryMs / 10).unref();
  }

  client.on('ready', fillHoles);

  return {
    publish(userId, events) {
      if (events.length === 0) return;
      flushing ??= endOfTurn().then(flush);
      for (const event of events) add(userId, feedItem(event));
    },
    async [Symbol.asyncDispose]() {
      client.off('ready', fillHoles);
      await flushing;
      clearTimeout(retry);
      // Commands are answered in order, so all earlier ones are done.
      await client.ping().catch(() => undefined);
      clearTimeout(retry);
    },
  };
}

/**
 * Appends to a stream. While Redis is full, events are published to listeners but not held: sign-in limits and wake-ups need the
 * memory, and each feed published this way frees its own.
 */
function appendOrPublish(streams: RedisStreams, log: Logger) {
  let fullUntilMs = 0;
  let isFull = false;

  async function append(key: string, items: readonly FeedItem[]): Promise<void> {
    await streams.append(key, items);
    if (isFull) log.warn('Redis has free memory again; live feeds hold events');
    isFull = false;
  }

  return async (key: string, items: readonly FeedItem[]): Promise<void> => {
    if (performance.now() < fullUntilMs) return void (await streams.publishOnly(key, items));
    try {
      await append(key, items);
    } catch (error) {
      if (!(error as Error).message.startsWith('OOM')) throw error;
      if (!isFull) log.error('Redis is full: live feeds hold no events, and clients that reconnect read over HTTP');
      isFull = true;
      fullUntilMs = performance.now() + fullForMs;
      await streams.publishOnly(key, items);
    }
  };
}

const endOfTurn = () => new Promise((resolve) => setImmediate(resolve));
