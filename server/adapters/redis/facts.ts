/** Reads the state of a Redis server. */
import type { RedisFacts } from '../../ports/redis-facts.ts';
import { probeConnection, readInfo, type RedisSettings } from './connection.ts';

const timeoutMs = 5000;

/** Over a connection of its own. Rejects if Redis does not answer. */
export async function readRedisFacts(settings: RedisSettings): Promise<RedisFacts> {
  const client = probeConnection(settings, 'doctor', { commandTimeout: timeoutMs });
  let failure: Error | null = null;
  client.on('error', (error) => (failure ??= error));
  try {
    await client.connect();
    const [seconds, microseconds] = await client.time();
    const read = await readInfo(client);
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
