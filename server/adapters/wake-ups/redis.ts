/** Wake-ups over lists in Redis: a push wakes one listener that blocks on the list, in any process. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Topic, WakeUps } from '../../ports/wake-ups.ts';
import { connectBlockingRedis, firstConnection, type RedisLink, type RedisSettings } from '../redis/connection.ts';
import { receiveStops, type Listener } from './redis-stops.ts';

/** Past this many in a list, further wake-ups are merged with those pending. */
const mostWaiting = 1000;
/** Timeout of one blocking wait. */
const waitS = 2;
/** A wait that Redis has not ended by then means a silently lost connection. */
const waitOverdueMs = (waitS + 1.5) * 1000;
const failurePauseMs = 500;

/**
 * Wakes through Redis, over `commands`, which stays open. While it is unavailable wake-ups are lost; listeners wait again once it
 * reconnects.
 */
export async function redisWakeUps(settings: RedisSettings, log: Logger, commands: RedisLink): Promise<WakeUps> {
  const { client } = commands;
  const listKey = (topic: Topic) => `${settings.prefix}:wake-ups:${topic}`;
  const due = new Map<Topic, number>();
  const stops = `${settings.prefix}:stops`;
  const listeners = new Set<Listener>();
  await firstConnection(commands);

  async function push(topic: Topic, count: number): Promise<void> {
    try {
      const length = await client.lpush(listKey(topic), ...Array<string>(count).fill(''));
      if (length > mostWaiting) await client.ltrim(listKey(topic), 0, mostWaiting - 1);
    } catch (error) {
      log.debug({ err: error, topic }, 'wake-ups were lost; the sweep will find their work');
    }
  }

  function pushAll(): void {
    for (const [topic, count] of due) void push(topic, count);
    due.clear();
  }

  /** Closed with the others, and checked until then. */
  function keep(listener: Listener): Listener {
    const kept: Listener = {
      check: () => listener.check(),
      async [Symbol.asyncDispose]() {
        listeners.delete(kept);
        await listener[Symbol.asyncDispose]();
      },
    };
    listeners.add(kept);
    return kept;
  }

  return {
    wake(topic) {
      if (due.size === 0) setImmediate(pushAll);
      due.set(topic, Math.min((due.get(topic) ?? 0) + 1, mostWaiting));
    },
    listen(topic, room, onWakeUp) {
      const link = connectBlockingRedis(settings, `wait-${topic}`, log);
      const stopping = new AbortController();
      const lastFailure = receive(link, listKey(topic), room, onWakeUp, stopping.signal);
      return keep({
        check() {
          const cause = lastFailure();
          if (link.client.status !== 'ready' || cause !== null)
            throw new Error(`The listener for ${topic} is disconnected from Redis.`, { cause });
        },
        async [Symbol.asyncDispose]() {
          stopping.abort();
          await link[Symbol.asyncDispose]();
        },
      });
    },
    stop(replyId) {
      client.publish(stops, String(replyId)).catch((error: unknown) => {
        log.debug({ err: error }, 'a stop was lost; the worker will find it in the database');
      });
    },
    listenForStops: (onStop) => keep(receiveStops(settings, log, stops, onStop)),
    async check() {
      await client.set(`${settings.prefix}:wake-ups-check`, '1', 'PX', 60_000);
      for (const listener of listeners) listener.check();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...listeners].map((listener) => listener[Symbol.asyncDispose]()));
    },
  };
}

/** Waits for wake-ups until stopped. The returned function returns the error of the last wait; null if it succeeded. */
function receive(
  link: RedisLink,
  key: string,
  room: () => Promise<number>,
  onWakeUp: () => void,
  signal: AbortSignal,
): () => unknown {
  const { client } = link;
  let failure: unknown = null;

  async function next(): Promise<void> {
    const most = await room();
    if (signal.aborted) return;
    // Not ioredis's `socketTimeout`: its timer outlives its connection, and leaves the next one without.
    const overdue = setTimeout(() => client.disconnect(true), waitOverdueMs);
    try {
      const taken = await client.blmpop(waitS, 1, key, 'LEFT', 'COUNT', most);
      failure = null;
      if (taken !== null && !signal.aborted) onWakeUp();
    } catch (error) {
      failure = error;
      await pause(failurePauseMs, undefined, { signal }).catch(() => {});
    } finally {
      clearTimeout(overdue);
    }
  }

  void (async () => {
    await firstConnection(link);
    while (!signal.aborted) await next();
  })();
  return () => failure;
}
