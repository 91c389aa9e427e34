/** The live feed over Redis, readable and writable from any process. */
import type { Logger } from 'pino';
import type { Feed } from '../ports/feed.ts';
import { redisPublisher } from './feed-redis-publisher.ts';
import { redisReader } from './feed-redis-reader.ts';
import { redisStreams } from './feed-redis-stream.ts';
import { connectRedis, firstConnection, type RedisSettings } from './redis.ts';

/** Keeps feeds in Redis. While it is away, subscriptions are taken all the same and caught up when it comes back. */
export async function redisFeed(settings: RedisSettings, log: Logger): Promise<Feed> {
  const commands = connectRedis(settings, 'feed', log);
  const live = connectRedis(settings, 'feed-live', log);
  const streams = redisStreams(commands.client, settings.prefix);
  const publisher = redisPublisher(commands.client, streams, log);
  const reader = redisReader(commands.client, live.client, streams);
  await Promise.all([firstConnection(commands), firstConnection(live)]);
  return {
    publish: (userId, events) => publisher.publish(userId, events),
    subscribe: (userId, after, listener) => reader.subscribe(userId, after, listener),
    recent: (userId, limit) => streams.recent(streams.key(userId), limit).catch(() => []),
    async check() {
      const probe = `${settings.prefix}:feed-check`;
      await Promise.all([commands.client.set(probe, '1', 'PX', 60_000), live.client.ping()]);
    },
    async [Symbol.asyncDispose]() {
      await reader[Symbol.asyncDispose]();
      await publisher[Symbol.asyncDispose]();
      await Promise.all([commands[Symbol.asyncDispose](), live[Symbol.asyncDispose]()]);
    },
  };
}
