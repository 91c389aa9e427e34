/** The cache in Redis, shared by all processes. */
import { randomUUID } from 'node:crypto';
import type { Cache } from '../../ports/cache.ts';
import { inBatches } from '../redis/batches.ts';
import { defineScript, firstConnection, type RedisLink, type RedisSettings } from '../redis/connection.ts';

/** The result of a longer load is not kept. */
const leaseMs = 60_000;
const maxOwedDrops = 100_000;
const largestBatch = 200;

/** KEYS: value, lease. ARGV: the load's lease, text, ttl in ms. Stores the text unless the key was forgotten since. */
const fillLua = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`;

interface Names {
  readonly value: string;
  /** Holds a random value during loads. `forget` deletes it, and no value is used twice. */
  readonly lease: string;
}

/**
 * Keeps values in Redis over `commands`, which stays open; concurrent reads share one MGET. While Redis is unavailable nothing
 * is kept and every load runs.
 */
export async function redisCache({ prefix }: RedisSettings, commands: RedisLink): Promise<Cache> {
  const { client } = commands;
  const fill = defineScript(client, 'polluxFillCache', fillLua, 2);
  /** Failed drops, each with its own number, so that an earlier drop that succeeds does not clear a later failure. */
  const owed = new Map<string, number>();
  let drops = 0;
  let longestTtlMs = 0;
  let distrustUntilMs = 0;
  /**
   * `run_id` of the connected server, null while disconnected. Part of every key, so that a server restarted from an old
   * snapshot, or a promoted replica, cannot serve forgotten values.
   */
  let run: string | null = null;
  const read = inBatches((keys: readonly string[]) => client.mget(...keys), largestBatch);
  client.on('close', onClose);
  client.on('ready', onReady);

  function onClose(): void {
    run = null;
  }

  function onReady(): void {
    void identify();
  }

  async function identify(): Promise<void> {
    try {
      run = /^run_id:(\w+)/m.exec(await client.info('server'))?.[1] ?? 'unnamed';
      await Promise.all([...owed.keys()].map(drop));
    } catch {
      // Disconnected again; the next connection retries.
    }
  }

  function namesOf(key: string, ofRun: string): Names {
    const base = `${prefix}:cache:${ofRun}:{${key}}`;
    return { value: base, lease: `${base}:lease` };
  }

  async function drop(key: string): Promise<boolean> {
    const before = owed.get(key);
    try {
      if (run === null) throw new Error('Redis is unavailable.');
      const { value, lease } = namesOf(key, run);
      await client.del(value, lease);
      if (owed.get(key) === before) owed.delete(key);
      return true;
    } catch {
      owe(key);
      return false;
    }
  }

  function owe(key: string): void {
    drops += 1;
    if (owed.size < maxOwedDrops || owed.has(key)) owed.set(key, drops);
    else distrustUntilMs = Date.now() + longestTtlMs;
  }

  /** The cached text, or the lease under which a load may store its result; null while the cache may be stale. */
  async function lookUp(key: string): Promise<{ text: string } | { names: Names; lease: string } | null> {
    if (Date.now() < distrustUntilMs) return null;
    if (owed.has(key) && !(await drop(key))) return null;
    if (run === null) return null;
    const names = namesOf(key, run);
    const text = await read(names.value);
    if (text !== null) return { text };
    const fresh = randomUUID();
    const standing = await client.set(names.lease, fresh, 'PX', leaseMs, 'NX', 'GET');
    return { names, lease: standing ?? fresh };
  }

  await firstConnection(commands);
  await identify();

  return {
    async remember(key, ttlMs, load) {
      longestTtlMs = Math.max(longestTtlMs, ttlMs);
      const found = await lookUp(key).catch(() => null);
      if (found === null) return load();
      if ('text' in found) return found.text;
      const text = await load();
      // If it cannot be stored, the next reader loads again.
      await fill(found.names.value, found.names.lease, found.lease, text, ttlMs).catch(() => undefined);
      return text;
    },
    async forget(key) {
      await drop(key);
    },
    async check() {
      await client.set(`${prefix}:cache-check`, '1', 'PX', leaseMs);
    },
    async [Symbol.asyncDispose]() {
      client.off('close', onClose);
      client.off('ready', onReady);
    },
  };
}
