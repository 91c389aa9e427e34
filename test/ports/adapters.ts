/** Shared by the port suites: settings for a test's Redis, and a log that records its lines. */
import { Redis } from 'ioredis';
import pino, { type Logger } from 'pino';
import { connectRedis, type RedisLink, type RedisSettings } from '../../server/adapters/redis/connection.ts';
import { redisUrl, services, uniqueName } from '../services.ts';

/** Settings for a Redis on this machine, with a prefix for the test. */
export function settingsFor(port: number, prefix = uniqueName()): RedisSettings {
  return { host: '127.0.0.1', port, username: null, password: null, db: 0, tls: false, inParts: false, prefix };
}

/** Settings for the shared test Redis, with a prefix for the test. */
function sharedSettings(): RedisSettings {
  const url = new URL(redisUrl);
  return {
    host: url.hostname,
    port: Number(url.port || 6379),
    username: url.username || null,
    password: url.password || null,
    db: Number(url.pathname.slice(1) || 0),
    tls: url.protocol === 'rediss:',
    inParts: false,
    prefix: uniqueName(),
  };
}

/** Deletes all keys with the prefix on dispose. */
function keyCleaner({ host, port, db, username, password, prefix }: RedisSettings): AsyncDisposable {
  const login = { username: username ?? undefined, password: password ?? undefined };
  const client = new Redis({ host, port, db, ...login, lazyConnect: true });
  return {
    async [Symbol.asyncDispose]() {
      const keys = await client.keys(`${prefix}:*`);
      if (keys.length > 0) await client.del(keys);
      client.disconnect();
    },
  };
}

/** Opens an adapter with its own connection for commands, which adapters of a process otherwise share. */
export function overRedis<T extends AsyncDisposable>(
  open: (settings: RedisSettings, log: Logger, commands: RedisLink) => Promise<T>,
) {
  return async (settings: RedisSettings, log: Logger): Promise<T> => {
    const commands = connectRedis(settings, 'commands', log);
    const adapter = await open(settings, log, commands);
    return {
      ...adapter,
      async [Symbol.asyncDispose]() {
        await adapter[Symbol.asyncDispose]();
        await commands[Symbol.asyncDispose]();
      },
    };
  };
}

/** A log that only records its lines. */
export function quietLog(): { log: Logger; lines: { msg: string; level: number }[] } {
  const lines: { msg: string; level: number }[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  return { log, lines };
}

/** Disposes a resource at the end of its test. */
export type Keep = <R extends AsyncDisposable>(resource: R) => R;

/**
 * Both adapters of a port for `describe.each`, each as two instances that share their data: over Redis as two
 * processes would, in memory as one.
 */
export function bothAdapters<T extends AsyncDisposable>(
  keep: Keep,
  memory: () => T,
  redis: { readonly name?: string; open(settings: RedisSettings, log: Logger): Promise<T> },
) {
  return [
    {
      name: 'memory',
      present: true,
      instances: async () => {
        const instance = keep(memory());
        return [instance, instance] as const;
      },
    },
    {
      name: redis.name ?? 'Redis',
      present: services.redis,
      instances: async () => {
        const settings = sharedSettings();
        keep(keyCleaner(settings));
        const one = keep(await redis.open(settings, quietLog().log));
        const two = keep(await redis.open(settings, quietLog().log));
        return [one, two] as const;
      },
    },
  ];
}
