/** What processes share beside the database: over Redis, or inside the only process. Imported where chosen, to save memory. */
import type { Logger } from 'pino';
import type { Cache } from '../ports/cache.ts';
import type { Feed } from '../ports/feed.ts';
import type { Limits } from '../ports/limits.ts';
import type { Presence } from '../ports/presence.ts';
import type { RedisFacts } from '../ports/redis-facts.ts';
import type { WakeUps } from '../ports/wake-ups.ts';
import type { RedisSettings } from './redis/connection.ts';

/** Each opens one of them. */
export interface Links {
  readonly wakeUps: () => Promise<WakeUps>;
  readonly feed: () => Promise<Feed>;
  readonly cache: () => Promise<Cache>;
  readonly limits: () => Promise<Limits>;
  readonly presence: () => Promise<Presence>;
  /** Null without Redis. */
  readonly readRedis: (() => Promise<RedisFacts>) | null;
}

/** `opened` closes what they have in common. */
export function openLinks(redis: RedisSettings | null, log: Logger, opened: AsyncDisposableStack): Promise<Links> {
  return redis ? redisLinks(redis, log, opened) : memoryLinks();
}

async function memoryLinks(): Promise<Links> {
  const { memoryWakeUps } = await import('./wake-ups/memory.ts');
  const { memoryFeed } = await import('./feed/memory.ts');
  const { memoryCache } = await import('./cache/memory.ts');
  const { memoryLimits } = await import('./limits/memory.ts');
  const { memoryPresence } = await import('./presence/memory.ts');
  return {
    wakeUps: async () => memoryWakeUps(),
    feed: async () => memoryFeed(),
    cache: async () => memoryCache(),
    limits: async () => memoryLimits(),
    presence: async () => memoryPresence(),
    readRedis: null,
  };
}

async function redisLinks(redis: RedisSettings, log: Logger, opened: AsyncDisposableStack): Promise<Links> {
  const { checkRedisServer } = await import('./redis/check.ts');
  const { redisWakeUps } = await import('./wake-ups/redis.ts');
  const { redisFeed } = await import('./feed/redis.ts');
  const { redisCache } = await import('./cache/redis.ts');
  const { redisLimits } = await import('./limits/redis.ts');
  const { redisPresence } = await import('./presence/redis.ts');
  const { readRedisFacts } = await import('./redis/facts.ts');
  await checkRedisServer(redis, log);
  // Limits have their own connection, because sign-in waits for them.
  const commands = opened.use((await import('./redis/connection.ts')).connectRedis(redis, 'commands', log));
  return {
    wakeUps: () => redisWakeUps(redis, log, commands),
    feed: () => redisFeed(redis, log, commands),
    cache: () => redisCache(redis, commands),
    limits: () => redisLimits(redis, log),
    presence: async () => redisPresence(redis, log, commands),
    readRedis: () => readRedisFacts(redis),
  };
}
