/** The cache in Redis, shared by all processes. */
import { randomUUID } from 'node:crypto';
import type { Cache } from '../../ports/cache.ts';
import { inBatches } from '../redis/batches.ts';
import { defineScript, firstConnection, type RedisLink, type RedisSettings } from '../redis/connection.ts';

/** A load that takes longer is not kept. */
const leaseMs = 60_000;
const maxOwedDrops = 100_000;
const largestBatch = 200;

/** KEYS: value, lease. ARGV: lease held, text, ttl in ms. Keeps the text unless the key was forgotten since. */
const fillLua = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`;

interface Names {
  readonly value: string;
  /** Holds a random word while loads are under way. `forget` deletes it, and no word comes twice. */
  readonly lease: string;
}

/**
 * Keeps values in Redis over `commands`, which stays open; hits under load share one MGET. While Redis is away nothing is
 * kept and every load runs.
 */
export async function redisCache({ prefix }: RedisSettings, commands: RedisLink): Promise<Cache> {
  const { client } = commands;
  const fill = defineScript(client, 'polluxFillCache', fillLua, 2);
  /** Drops that failed, each with a number of its own so that a later failure outlives an earlier success. */
  const owed = new Map<string, number>();
  let drops = 0;
  let longestTtlMs = 0;
  let distrustUntilMs = 0;
  /**
   * Names the run of the server at the other end, null while away. Part of every key: a server that restarts from an
   * old snapshot, or a replica that takes over, must not bring back what was forgotten.
   */
  let run: string | null = null;
  const read = inBatches((keys: readonly string[]) => client.mget(...keys), largestBatch);
  client.on('close', leave);
  client.on('ready', arrive);

  function leave(): void {
    run = null;
  }

  function arrive(): void {
    void greet();
  }

  async function greet(): Promise<void> {
    try {
      run = /^run_id:(\w+)/m.exec(await client.info('server'))?.[1] ?? 'unnamed';
      await Promise.all([...owed.keys()].map(drop));
    } catch {
      // Away again; the next connection starts over.
    }
  }

  function namesOf(key: string, ofRun: string): Names {
    const base = `${prefix}:cache:${ofRun}:{${key}}`;
    return { value: base, lease: `${base}:lease` };
  }

  async function drop(key: string): Promise<boolean> {
    const before = owed.get(key);
    try {
      if (run === null) throw new Error('Redis is away.');
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

  /** The text kept, or the lease a load needs to keep what it gives; null while the cache cannot be trusted. */
  async function look(key: string): Promise<{ text: string } | { names: Names; lease: string } | null> {
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
  await greet();

  return {
    async remember(key, ttlMs, load) {
      longestTtlMs = Math.max(longestTtlMs, ttlMs);
      const found = await look(key).catch(() => null);
      if (found === null) return load();
      if ('text' in found) return found.text;
      const text = await load();
      // Not kept is not wrong: the next reader loads again.
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
      client.off('close', leave);
      client.off('ready', arrive);
    },
  };
}
