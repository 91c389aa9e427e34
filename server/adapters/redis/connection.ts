/** Connections to Redis that fail fast, reconnect forever and detect silently lost links. */
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
  /** True for REDIS_HOST and related settings, false for REDIS_URL. */
  readonly inParts: boolean;
  /** Prefix of every key and channel; channels ignore database numbers, so only this separates installations. */
  readonly prefix: string;
}

/** One connection; dispose closes it. */
export interface RedisLink extends AsyncDisposable {
  readonly client: Redis;
}

const commandTimeoutMs = 1000;
const longestBackoffMs = 1000;
const firstConnectionMs = 2000;
const readOnlyRetryMs = 5000;
const watchIntervalMs = 1000;
/** Ticks of the watch without an answer after which a link counts as dead; while connecting, Redis may be loading its data. */
const silentTicksAllowed = { ready: 2, connect: 3 };

/**
 * A connection whose commands reject within a second if Redis is unavailable; none are queued until it reconnects. Commands of
 * one turn of the event loop are sent in one packet.
 */
export function connectRedis(settings: RedisSettings, name: string, log: Logger): RedisLink {
  const link = open(settings, name, log, { commandTimeout: commandTimeoutMs }, true);
  flushOnceATurn(link.client);
  return link;
}

/**
 * A connection for blocking commands, which reject at once if Redis is unavailable. A blocked connection cannot answer pings, so
 * the caller must limit each wait and disconnect when it is overdue.
 */
export function connectBlockingRedis(settings: RedisSettings, name: string, log: Logger): RedisLink {
  return open(settings, name, log, {}, false);
}

/** Waits a limited time for the first connection; afterwards it connects when Redis is available. */
export async function firstConnection({ client }: RedisLink): Promise<void> {
  if (client.status === 'ready') return;
  // Rejects at the first failed attempt, which was logged.
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

/** Address, credentials and name of a connection. */
function connectionOptions(settings: RedisSettings, name: string): RedisOptions {
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

/** A connection that is opened once by `connect`, for a look at the server: it neither queues, retries nor reconnects. */
export function probeConnection(settings: RedisSettings, name: string, options: RedisOptions): Redis {
  return new Redis({
    ...connectionOptions(settings, name),
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    ...options,
  });
}

/** Returns a function that reads a field of the server's `INFO`; empty if it has none. */
export async function readInfo(client: Redis): Promise<(field: string) => string> {
  const info = await client.info();
  return (field) => new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
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
    // Subscribers must read missed entries first, so they resubscribe themselves.
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

/** Reconnects when a former primary refuses writes after a failover, at most once per `readOnlyRetryMs`. */
function leaveReadOnly(): (error: Error) => boolean {
  let leftMs = -Infinity;
  return (error) => {
    if (!error.message.startsWith('READONLY') || performance.now() - leftMs < readOnlyRetryMs) return false;
    leftMs = performance.now();
    return true;
  };
}

/** Logs one line at the start and one at the end of an outage. */
function report(client: Redis, name: string, log: Logger): () => void {
  let downSinceMs: number | null = null;
  let reason = 'connection closed';
  let reporting = true;
  client.on('error', (error: Error & { code?: string }) => {
    reason = error.message || error.code || reason;
  });
  client.on('close', () => {
    if (!reporting || downSinceMs !== null) return;
    downSinceMs = Date.now();
    log.error({ redis: name, reason }, 'Redis is unavailable; reconnecting');
  });
  client.on('ready', () => {
    if (downSinceMs === null) return;
    log.warn({ redis: name, downMs: Date.now() - downSinceMs }, 'reconnected to Redis');
    downSinceMs = null;
    reason = 'connection closed';
  });
  return () => {
    reporting = false;
  };
}

/** Reconnects a link that stopped answering although TCP still considers it open. */
function watch(client: Redis, answersPings: boolean): () => void {
  let silentTicks = 0;
  const answered = () => {
    silentTicks = 0;
  };
  client.on('ready', answered);
  client.on('close', answered);
  const timer = setInterval(() => {
    const { status } = client;
    if (status !== 'connect' && (status !== 'ready' || !answersPings)) return;
    silentTicks += 1;
    if (silentTicks > silentTicksAllowed[status]) {
      answered();
      client.disconnect(true);
      return;
    }
    if (status === 'connect' || silentTicks > 1) return;
    // An error reply is an answer too; a timeout or a closed connection is not.
    client.ping().then(answered, (error: Error) => error.name === 'ReplyError' && answered());
  }, watchIntervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** System calls cost more than commands; ioredis's auto-pipelining costs more than it saves (performance.md). */
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
  // Between two attempts there is no socket, and ioredis emits no `end`.
  const hasSocket = ['connecting', 'connect', 'ready'].includes(client.status);
  const ended = hasSocket ? once(client, 'end') : undefined;
  client.disconnect();
  await ended?.catch(() => undefined);
}
