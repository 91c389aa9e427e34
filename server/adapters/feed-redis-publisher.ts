/** The writing half of the Redis feed: batches by user, and makes up for losses with a reset. */
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { FeedEvent } from '../../contract/events.ts';
import { resetEvent, roomOf } from './feed-entry.ts';
import type { RedisStreams } from './feed-redis-stream.ts';

const fieldsPerCall = 3 * 500;
const maxRemembered = 100_000;
const resetsAtOnce = 500;
const retryMs = 500;

export interface Publisher extends AsyncDisposable {
  publish(userId: number, events: readonly FeedEvent[]): void;
}

/**
 * Sends what was published in one turn of the event loop, or while earlier events were on their way, as one call a user.
 * Nothing waits while Redis is away.
 */
export function redisPublisher(client: Redis, streams: RedisStreams, log: Logger): Publisher {
  let pending = new Map<number, string[]>();
  /** Users whose feed has a hole that it does not tell of yet. */
  const holed = new Set<number>();
  let flushing: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  const resetFields = fieldsOf(resetEvent('loss'));

  function lose(userId: number): void {
    retry ??= setTimeout(fillHoles, retryMs).unref();
    if (holed.size === maxRemembered || holed.has(userId)) return;
    holed.add(userId);
    if (holed.size === maxRemembered) log.error('too many feeds lost events; further ones will not be told');
  }

  async function send(userId: number, fields: readonly string[]): Promise<void> {
    if (client.status !== 'ready') return lose(userId);
    const all = holed.delete(userId) ? [...resetFields, ...fields] : fields;
    const starts = Array.from({ length: Math.ceil(all.length / fieldsPerCall) }, (_, call) => call * fieldsPerCall);
    try {
      await Promise.all(
        starts.map((start) => streams.append(streams.key(userId), all.slice(start, start + fieldsPerCall))),
      );
    } catch {
      lose(userId);
    }
  }

  /** Sends to many users so that the commands leave in one packet. */
  async function sendAll(batch: Iterable<readonly [userId: number, fields: readonly string[]]>): Promise<void> {
    const { stream } = client;
    stream?.cork();
    const sent = Array.from(batch, ([userId, fields]) => send(userId, fields));
    stream?.uncork();
    await Promise.all(sent);
  }

  async function flush(): Promise<void> {
    while (pending.size > 0) {
      const batch = pending;
      pending = new Map();
      await sendAll(batch);
    }
    flushing = undefined;
  }

  function fillHoles(): void {
    retry = undefined;
    if (holed.size === 0) return;
    // While away, coming back starts this again.
    if (client.status !== 'ready') return;
    void sendAll([...holed].slice(0, resetsAtOnce).map((userId) => [userId, []]));
    if (holed.size > 0) retry = setTimeout(fillHoles, retryMs / 10).unref();
  }

  client.on('ready', fillHoles);

  return {
    publish(userId, events) {
      if (events.length === 0) return;
      flushing ??= endOfTurn().then(flush);
      const fields = pending.get(userId) ?? [];
      pending.set(userId, fields);
      for (const event of events) fields.push(...fieldsOf(event));
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

const endOfTurn = () => new Promise((resolve) => setImmediate(resolve));

function fieldsOf(event: FeedEvent): [type: string, room: string, data: string] {
  return [event.type, String(roomOf(event) ?? ''), JSON.stringify(event)];
}
