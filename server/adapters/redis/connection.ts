/** Connections to Redis under our standing rules: fail fast, reconnect for ever, notice a link that died silently. */
import { once } from 'node:events';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';

export interface RedisSettings {
  readonly host: string;
  readonly port: number;
  readonly username: string | null;
  readonly password: string | null;
  readonly db: number;
  readonly tls: boolean;
  /** Set as REDIS_HOST and its like, not as REDIS_URL. */
  readonly inParts: boolean;
  /** Opens every key and channel; channels do not know database numbers, so this alone keeps installations apart. */
  readonly prefix: string;
}

/** One connection. Dispose closes the socket. */
export interface RedisLink extends AsyncDisposable {
  readonly client: Redis;
}

const commandTimeoutMs = 1000;
const longestBackoffMs = 1000;
const firstConnectionMs = 2000;
const readOnlyRetryMs = 5000;
const watchIntervalMs = 1000;
/** Ticks of the watch without an answer after which a link counts as dead; a handshake may load a dataset meanwhile. */
const silentTicksAllowed = { ready: 2, connect: 3 };

/**
 * A connection whose commands reject within a second when Redis is away; nothing waits for its return. What is asked in
 * one turn of the event loop leaves in one packet.
 */
export function connectRedis(settings: RedisSettings, name: string, log: Logger): RedisLink {
  const link = open(settings, name, log, { commandTimeout: commandTimeoutMs }, true);
  flushOnceATurn(link.client);
  return link;
}

/**
 * A connection for blocking commands, which reject at once when Redis is away. It cannot answer pings meanwhile, so
 * whoever blocks on it must limit the wait and cut the connection when that is overdue.
 */
export function connectBlockingRedis(settings: RedisSettings, name: string, log: Logger): RedisLink {
  return open(settings, name, log, {}, false);
}

/** Waits for the first connection, but not for ever: what starts while Redis is away heals when it comes. */
export async function firstConnection({ client }: RedisLink): Promise<void> {
  if (client.status === 'ready') return;
  // Rejects at the first failed attempt, which the link has logged.
  await once(client, 'ready', { signal: AbortSignal.timeout(firstConnectionMs) }).catch(() => undefined);
}

export type Script = (...args: readonly (string | number)[]) => Promise<unknown>;

/** Registers a Lua script. Arguments: the keys, then the rest; without `keyCount` the number of keys comes first. */
export function defineScript(client: Redis, name: string, lua: string, keyCount?: number): Script {
  client.defineCommand(name, { lua, numberOfKeys: keyCount });
  const run = (client as unknown as Record<string, Script>)[name];
  if (!run) throw new Error(`Script ${name} was not registered.`);
  return (...args) => run.call(client, ...args);
}

/** Where to connect, as whom, and under which name. */
export function connectionOptions(settings: RedisSettings, name: string): RedisOptions {
  return {
    host: settings.host,
    port: settings.port,
    username: settings.username ?? undefined,
    password: settings.password ?? undefined,
    db: settings.db,
    tls: settings.tls ? {} : undefined,
    connectionName: `${settings.prefix}:${name}`.replaceAll(/\s/g, '-'),
    connectTimeout: 2000,
  };
}

function open(
  settings: RedisSettings,
  name: string,
  log: Logger,
  options: RedisOptions,
  answersPings: boolean,
): RedisLink {
  const client = new Redis({
    ...connectionOptions(settings, name),
    // A dead peer never acknowledges our FIN: destroy the socket instead of waiting for it.
    disconnectTimeout: 100,
    keepAlive: 5000,
    retryStrategy: (attempt) =>
      Math.min(50 * 2 ** Math.min(attempt - 1, 6), longestBackoffMs) * (1 - Math.random() / 4),
    reconnectOnError: leaveReadOnly(),
    // Who subscribes must read what it missed first, so it does both itself.
    autoResubscribe: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    ...options,
  });
  const stopReporting = report(client, name, log);
  const stopWatching = watch(client, answersPings);
  return {
    client,
    async [Symbol.asyncDispose]() {
      stopReporting();
      stopWatching();
      await disconnect(client);
    },
  };
}

/** After a failover the old primary refuses writes: leave it and ask the name service again, but not at every error. */
function leaveReadOnly(): (error: Error) => boolean {
  let leftMs = -Infinity;
  return (error) => {
    if (!error.message.startsWith('READONLY') || performance.now() - leftMs < readOnlyRetryMs) return false;
    leftMs = performance.now();
    return true;
  };
}

/** Logs one line an outage and one when it is over. */
function report(client: Redis, name: string, log: Logger): () => void {
  let awaySinceMs: number | null = null;
  let reason = 'connection closed';
  let reporting = true;
  client.on('error', (error: Error & { code?: string }) => {
    reason = error.message || error.code || reason;
  });
  client.on('close', () => {
    if (!reporting || awaySinceMs !== null) return;
    awaySinceMs = Date.now();
    log.error({ redis: name, reason }, 'Redis is away; trying until it is back');
  });
  client.on('ready', () => {
    if (awaySinceMs === null) return;
    log.warn({ redis: name, awayMs: Date.now() - awaySinceMs }, 'Redis is back');
    awaySinceMs = null;
    reason = 'connection closed';
  });
  return () => {
    reporting = false;
  };
}

/** Cuts a link that stopped answering although TCP still calls it open, so that it is made anew. */
function watch(client: Redis, answersPings: boolean): () => void {
  let silentTicks = 0;
  const heard = () => {
    silentTicks = 0;
  };
  client.on('ready', heard);
  client.on('close', heard);
  const timer = setInterval(() => {
    const { status } = client;
    if (status !== 'connect' && (status !== 'ready' || !answersPings)) return;
    silentTicks += 1;
    if (silentTicks > silentTicksAllowed[status]) {
      heard();
      client.disconnect(true);
      return;
    }
    if (status === 'connect' || silentTicks > 1) return;
    // An error reply is an answer too; a timeout or a closed connection is not.
    client.ping().then(heard, (error: Error) => error.name === 'ReplyError' && heard());
  }, watchIntervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Calls into the kernel cost more than commands do; ioredis's own auto-pipelining costs more than it saves (performance.md). */
function flushOnceATurn(client: Redis): void {
  const send = client.sendCommand.bind(client);
  let isCorked = false;
  client.sendCommand = (...command) => {
    const { stream } = client;
    if (!isCorked && stream) {
      isCorked = true;
      stream.cork();
      setImmediate(() => {
        isCorked = false;
        stream.uncork();
      });
    }
    return send(...command);
  };
}

async function disconnect(client: Redis): Promise<void> {
  // Between two attempts there is no socket, and ioredis then never tells of the end.
  const hasSocket = ['connecting', 'connect', 'ready'].includes(client.status);
  const ended = hasSocket ? once(client, 'end') : undefined;
  client.disconnect();
  await ended?.catch(() => undefined);
}
