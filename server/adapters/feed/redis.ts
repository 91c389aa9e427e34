/** The live feed over Redis, for any number of processes. */
import type { Logger } from 'pino';
import type { Feed, FeedMemory } from '../../ports/feed.ts';
import { redisPublisher } from './redis-publisher.ts';
import { redisReader } from './redis-reader.ts';
import { redisStreams } from './redis-stream.ts';
import { connectRedis, firstConnection, type RedisLink, type RedisSettings } from '../redis/connection.ts';

/** Share of its memory past which Redis counts as nearly full. */
const nearlyFull = 0.9;

/**
 * Keeps feeds in Redis. While it is unavailable, subscriptions are accepted, and caught up once it reconnects. `commands` stays
 * open.

 */
export async function redisFeed(settings: RedisSettings, log: Logger, commands: RedisLink): Promise<Feed> {
  const live = connectRedis(settings, 'feed-live', log);
  const streams = redisStreams(commands.client, settings.prefix);
  const publisher = redisPublisher(commands.client, streams, log);
  const reader = redisReader(commands.client, live.client, streams);
  await Promise.all([commands, live].map(firstConnection));

  async function memory(): Promise<FeedMemory> {
    const info = await commands.client.info('memory');
    const read = (field: string) => Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
    return { usedBytes: read('used_memory'), limitBytes: read('maxmemory') || null };
  }

  return {
    publish: (userId, events) => publisher.publish(userId, events),
    subscribe: (userId, after, listener) => reader.subscribe(userId, after, listener),
    recent: (userId, limit) => streams.recent(streams.key(userId), limit).catch(() => []),
    forget: (userId) => streams.forget(streams.key(userId)),
    memory,
    async check() {
      const probe = `${settings.prefix}:feed-check`;
      await Promise.all([commands.client.set(probe, '1', 'PX', 60_000), live.client.ping()]);
      const { usedBytes, limitBytes } = await memory();
      if (limitBytes !== null && usedBytes > nearlyFull * limitBytes)
        throw new Error(`Redis has used ${usedBytes} of the ${limitBytes} bytes that its maxmemory allows.`);
    },
    async [Symbol.asyncDispose]() {
      await reader[Symbol.asyncDispose]();
      await publisher[Symbol.asyncDispose]();
      await live[Symbol.asyncDispose]();
    },
  };
}
