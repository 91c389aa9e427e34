/** The writing half of the Redis feed: batches by user, bounded in bytes, and makes up for losses with a reset. */
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { FeedEvent } from '../../../contract/events.ts';
import { feedItem, heldBytes, resetItem, type FeedItem } from './entry.ts';
import type { RedisStreams } from './redis-stream.ts';

/** What one call takes along: Redis serves nobody else meanwhile. */
const largestCall = { bytes: 256 * 1024, items: 500 };
/** Events that wait for the batch before them, of all users. */
const mostPendingBytes = 32 * 1024 * 1024;
const maxRemembered = 100_000;
const resetsAtOnce = 500;
const retryMs = 500;
/** How long nothing is held after Redis said that it is full. */
const fullForMs = 5000;

export interface Publisher extends AsyncDisposable {
  publish(userId: number, events: readonly FeedEvent[]): void;
}

/** What is on its way to one user, divided into calls. */
interface Outgoing {
  readonly calls: FeedItem[][];
  bytes: number;
  /** Of the last call. */
  callBytes: number;
}

/**
 * Sends what was published in one turn of the event loop, or while earlier events were on their way, as one batch.
 * Nothing waits while Redis is away.
 */
export function redisPublisher(client: Redis, streams: RedisStreams, log: Logger): Publisher {
  let pending = new Map<number, Outgoing>();
  let pendingBytes = 0;
  /** Users whose feed has a hole that it does not tell of yet. */
  const holed = new Set<number>();
  let flushing: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  const append = appendOrTell(streams, log);

  function lose(userId: number): void {
    retry ??= setTimeout(fillHoles, retryMs).unref();
    if (holed.size === maxRemembered || holed.has(userId)) return;
    holed.add(userId);
    if (holed.size === maxRemembered) log.error('too many feeds lost events; further ones will not be told');
  }

  function add(userId: number, item: FeedItem): void {
    const outgoing = pending.get(userId) ?? { calls: [], bytes: 0, callBytes: 0 };
    pending.set(userId, outgoing);
    // More than a feed holds would push out its own beginning.
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
      // One after the other: a call that was refused must not be overtaken.
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
    // While away, coming back starts this again.
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
      // Answered in order: this one's answer is the last.
      await client.ping().catch(() => undefined);
      clearTimeout(retry);
    },
  };
}

/**
 * Appends to a stream. While Redis is full events still reach those who listen, and none are held: the memory is needed
 * by sign-in limits and wake-ups, and each feed told this way frees its own.
 */
function appendOrTell(streams: RedisStreams, log: Logger) {
  let fullUntilMs = 0;
  let isFull = false;

  async function append(key: string, items: readonly FeedItem[]): Promise<void> {
    await streams.append(key, items);
    if (isFull) log.warn('Redis has room again; live feeds hold events');
    isFull = false;
  }

  return async (key: string, items: readonly FeedItem[]): Promise<void> => {
    if (performance.now() < fullUntilMs) return void (await streams.tell(key, items));
    try {
      await append(key, items);
    } catch (error) {
      if (!(error as Error).message.startsWith('OOM')) throw error;
      if (!isFull) log.error('Redis is full: live feeds hold nothing, and those who reconnect read over HTTP');
      isFull = true;
      fullUntilMs = performance.now() + fullForMs;
      await streams.tell(key, items);
    }
  };
}

const endOfTurn = () => new Promise((resolve) => setImmediate(resolve));
