/** Checks Redis once at start: refuses an unsuitable server, does not wait for an unavailable one. */
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { StartRefused } from '../../config/start-refused.ts';
import { namesOf, notRedis, placeOf, redisRefusal, wrongTransport } from './refusals.ts';
import { speaksTls, whoAnswersPing } from './transport.ts';
import { probeConnection, readInfo, type RedisSettings } from './connection.ts';

const oldestMajorVersion = 7;
const timeoutMs = 2000;

/**
 * Throws `StartRefused` for errors that need the operator. An unavailable Redis only logs a warning: processes must be able to
 * restart during its outage, and reconnect when it ends.
 */
export async function checkRedisServer(settings: RedisSettings, log: Logger): Promise<void> {
  const client = probeConnection(settings, 'start check', { enableReadyCheck: false, commandTimeout: timeoutMs });
  let failure: Error | null = null;
  client.on('error', (error) => (failure ??= error));
  try {
    await client.connect().catch((error: Error) => (failure ??= error));
    if (client.status === 'ready') await inspect(client, settings, log);
    if (failure !== null) await refuseOrWarn(failure, settings, log);
  } finally {
    client.disconnect();
  }
}

/** Refuses an unsuitable server; a failed command is a refusal or a warning. */
async function inspect(client: Redis, settings: RedisSettings, log: Logger): Promise<void> {
  try {
    const read = await readInfo(client);
    const sentence = unfit(read, settings);
    if (sentence !== null) throw new StartRefused(sentence);
    const policy = read('maxmemory_policy');
    if (read('maxmemory') !== '0' && policy !== 'noeviction') {
      log.warn(
        `Redis at ${placeOf(settings)} evicts keys when it is full (maxmemory-policy ${policy}): limits on codes and live events may be lost. Set it to noeviction or, if that is not possible, give Redis more memory than is ever used.`,
      );
    }
    await tryCommands(client, settings);
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    await refuseOrWarn(error as Error, settings, log);
  }
}

/** Why the server is unsuitable; null if it is suitable. */
function unfit(read: (field: string) => string, settings: RedisSettings): string | null {
  const at = `Redis at ${placeOf(settings)}`;
  const { address } = namesOf(settings);
  if (Number.parseInt(read('redis_version'), 10) < oldestMajorVersion) {
    return `${at} is version ${read('redis_version')}; Pollux needs ${oldestMajorVersion} or newer. Upgrade it, or use another server.`;
  }
  if (read('redis_mode') === 'cluster') {
    return `${at} runs in cluster mode, which distributes keys; Pollux needs them on one server. Set ${address} to a single server; it may have replicas.`;
  }
  if (read('redis_mode') === 'sentinel') {
    return `${at} is a Sentinel. Set ${address} to the address of the primary.`;
  }
  if (read('role') === 'slave') {
    return `${at} is a replica, which takes no writes. Set ${address} to the address of the primary.`;
  }
  return null;
}

/** Runs one command of each kind in use, so that a forbidden one fails at start and not at a user's request. */
async function tryCommands(client: Redis, { prefix }: RedisSettings): Promise<void> {
  const key = (name: string) => `${prefix}:start-check:${name}`;
  const names = ['text', 'list', 'hash', 'stream', 'sorted', 'script'].map(key);
  const [text, list, hash, stream, sorted, script] = names as [string, string, string, string, string, string];
  const results = await client
    .pipeline()
    .set(text, '1', 'PX', 60_000)
    .mget(text)
    .lpush(list, '1')
    .blmpop(1, 1, list, 'LEFT', 'COUNT', 1)
    .hset(hash, 'a', '1')
    .xadd(stream, '*', 'a', '1')
    .xrevrange(stream, '+', '-', 'COUNT', 1)
    .zadd(sorted, 1, '1')
    .eval(`return redis.call('INCR', KEYS[1])`, 1, script)
    .publish(key('channel'), '1')
    .del(...names)
    .exec();
  const failed = results?.find(([error]) => error !== null)?.[0];
  if (failed) throw failed;
  await client.subscribe(key('channel'));
}

async function refuseOrWarn(error: Error, settings: RedisSettings, log: Logger): Promise<void> {
  const refusal = redisRefusal(error, settings) ?? (await refusalOfTransport(settings));
  if (refusal !== null) throw refusal;
  const reason = ('code' in error && String(error.code)) || error.message;
  log.warn(
    `Redis at ${placeOf(settings)} does not answer (${reason}). Pollux starts and keeps trying to connect; until then nobody can sign in. Start Redis there, or correct ${namesOf(settings).address}.`,
  );
}

/** Explains a connection that was only closed: TLS on one side only, or another program on this port. */
async function refusalOfTransport(settings: RedisSettings): Promise<StartRefused | null> {
  const { host, port, tls } = settings;
  if (!tls && (await speaksTls(host, port))) return wrongTransport(settings);
  const who = await whoAnswersPing(host, port);
  if (who === 'another') return notRedis(settings);
  return tls && who === 'redis' ? wrongTransport(settings) : null;
}
