/** Reads the state of a Redis server. */
import { Redis } from 'ioredis';
import type { RedisFacts } from '../../ports/redis-facts.ts';
import { connectionOptions, type RedisSettings } from './connection.ts';

const timeoutMs = 5000;

/** Over a connection of its own. Rejects if Redis does not answer. */
export async function readRedisFacts(settings: RedisSettings): Promise<RedisFacts> {
  const client = new Redis({
    ...connectionOptions(settings, 'doctor'),
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    retryStrategy: () => null,
  });
  let failure: Error | null = null;
  client.on('error', (error) => (failure ??= error));
  try {
    await client.connect();
    const [seconds, microseconds] = await client.time();
    const info = await client.info();
    const read = (field: string) => new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
    const limit = Number(read('maxmemory'));
    return {
      version: read('redis_version'),
      evictionPolicy: read('maxmemory_policy'),
      usedBytes: Number(read('used_memory')),
      limitBytes: limit === 0 ? null : limit,
      clockMs: Number(seconds) * 1000 + Number(microseconds) / 1000,
    };
  } catch (error) {
    throw failure ?? error;
  } finally {
    client.disconnect();
  }
}
