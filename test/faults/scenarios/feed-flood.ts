/** Feed flood: one account fills its feed with the longest messages, and resumes it many times without reading. */
import { mkdtemp } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { Redis } from 'ioredis';
import { openEventStream, signIn } from '../../client.ts';
import { signInUsers, type Person } from '../crowd.ts';
import { exchange, oddRefusal } from '../exchange.ts';
import { readMetric } from '../folder.ts';
import { memoryCeilings } from '../memory-ceilings.ts';
import type { Counts, Outcome, Scenario } from '../scenario.ts';
import { startEmbedded, type Service } from '../service.ts';
import type { Stage } from '../stage.ts';
import { anyOf, pause, seconds, until } from '../waiting.ts';

const mebibyte = 1024 * 1024;
const longest = '\u{1f600}'.repeat(32_000);
/** The limit of unfinished replies of an account. */
const atOnce = 6;
const silentReaders = 40;
/** Messages of the longest kind: fewer than a feed holds. */
const backlogPosts = 5;
const feedLimitBytes = 2 * mebibyte;
/** With less, the test proves nothing. */
const feedLeastBytes = 0.5 * mebibyte;
/** Age that `/metrics` may have. */
const metricsAgeMs = 6000;
const readersLimitBytes = 80 * mebibyte;
/** Time for three requests, including retries when the process sheds load. */
const othersWithinSeconds = 5;
/** Time for all answers after the last question. */
const answeredWithinMs = 600_000;

/** Account rates are off: the limit of the feed is tested alone. */
const unlimited = {
  BASIC_DAILY_LIMIT: '1000000',
  UNFINISHED_REPLIES_AT_MOST: '0',
  ACCOUNT_WRITES_MINUTE: '0',
  ACCOUNT_FEEDS_MINUTE: '0',
  ACCOUNT_FEEDS_OPEN: '0',
};

export const feedFlood: Scenario = {
  name: 'feed-flood',
  promise: 'A feed is bounded in bytes: at most 2 MiB of Redis, and others can sign in',
  async run(outer, counts) {
    const stage = await outer.another({ redis: ['--maxmemory', '16mb', '--maxmemory-policy', 'noeviction'] });
    // Their limits are counted in the same Redis.
    const environment = { ...unlimited, OTP_ADDRESS_HOURLY: '100000', OTP_NUMBER_HOURLY: '100' };
    const [one, two, worker] = await Promise.all([
      stage.start('api', environment),
      stage.start('api', environment),
      stage.start('worker', environment),
    ]);
    const redis = new Redis(stage.redis.url);
    try {
      const used = async () => Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))![1]);
      return await flood(stage, counts, {
        apis: [one, two],
        all: [one, two, worker],
        posts: counts(10_000, 1000, 60),
        usedBytes: used,
        async unfinished() {
          const [row] = await stage.sql<{ count: number }>(
            `select count(*)::int as count from replies where status in ('queued', 'generating')`,
          );
          return row!.count;
        },
      });
    } finally {
      redis.disconnect();
    }
  },
};

export const embeddedFeedFlood: Scenario = {
  name: 'feed-flood-embedded',
  promise: 'Embedded mode: a feed is bounded in bytes, and others can sign in',
  async run(stage, counts) {
    const directory = await mkdtemp(path.join(stage.folder, 'embedded-'));
    await using service = await startEmbedded(directory, stage.fake.url, unlimited);
    return await flood(stage, counts, {
      apis: [service],
      all: [service],
      posts: counts(2000, 300, 40),
      usedBytes: () => readMetric(service.url, 'pollux_feed_memory_bytes'),
      async unfinished() {
        const names = ['pollux_queue_depth', 'pollux_replies_active'];
        const counts = await Promise.all(names.map((name) => readMetric(service.url, name)));
        return counts[0]! + counts[1]!;
      },
    });
  },
};

interface Flooded {
  readonly apis: readonly Service[];
  /** All processes, workers included. */
  readonly all: readonly Service[];
  readonly posts: number;
  /** Memory of the process that stores feeds. */
  usedBytes(): Promise<number>;
  /** Replies that are queued or generating. */
  unfinished(): Promise<number>;
}

async function flood(stage: Stage, counts: Counts, flooded: Flooded): Promise<Outcome> {
  const { apis, all, posts, usedBytes } = flooded;
  const urls = apis.map(({ url }) => url);
  const [attacker] = (await signInUsers(urls[0]!, 1, 1)) as [Person];
  const before = await usedBytes();
  const broken: string[] = [];
  await using others = signInMeanwhile(urls, () => stage.fake.clear());

  broken.push(...(await postMuch(attacker, urls, posts)));
  await pause(metricsAgeMs);
  const grown = (await usedBytes()) - before;
  if (!(grown > feedLeastBytes)) broken.push('the feed was not filled');
  if (grown > feedLimitBytes) broken.push(`the feed takes ${Math.round(grown / mebibyte)} MiB`);

  // Replies still generating would push the backlog out before it is read.
  await until('everything is answered', answeredWithinMs, async () => (await flooded.unfinished()) === 0);
  const beforeReaders = apis.map((api) => api.residentBytes());
  const backlog = await oldestBacklog(attacker, urls[0]!);
  const readers = Array.from({ length: silentReaders }, () => openWithoutReading(anyOf(urls), attacker, backlog.from));
  const returns = counts(400, 100, 20);
  const returnMs = await returnOften(attacker, urls, backlog, returns);
  await pause(2000);
  const readersBytes = Math.max(...apis.map((api, index) => api.residentBytes() - beforeReaders[index]!));
  if (readersBytes > readersLimitBytes) broken.push(`readers cost ${Math.round(readersBytes / mebibyte)} MiB`);
  for (const socket of readers) socket.destroy();

  const { tries, failed, slowestSeconds } = await others.stop();
  if (slowestSeconds > othersWithinSeconds) broken.push(`a sign-in took ${seconds(slowestSeconds)}`);
  const memory = all.map(({ role, peakBytes }) => `${role} ${Math.round(peakBytes() / mebibyte)} MiB`);
  if (all.some(({ role, peakBytes }) => peakBytes() > memoryCeilings[role] * mebibyte))
    broken.push('a process held too much memory');
  return {
    faults: posts + silentReaders + returns,
    operations: posts + silentReaders + returns + tries,
    lost: failed,
    doubled: 0,
    worstRecoverySeconds: null,
    broken,
    note: `the feed took ${(grown / mebibyte).toFixed(1)} MiB; ${tries} others signed in, slowest ${seconds(slowestSeconds)}; ${silentReaders} connections that do not read cost ${Math.round(readersBytes / mebibyte)} MiB; resuming the whole backlog took ${returnMs.toFixed(0)} ms; peak memory: ${memory.join(', ')}`,
  };
}

/** Posts to new rooms until this many were accepted; returns answers other than 202 and 503. */
async function postMuch({ client, token }: Person, urls: readonly string[], posts: number): Promise<string[]> {
  const odd = new Set<string>();
  let left = posts;
  const isAccepted = async () => {
    const room: number | undefined = await client.room();
    if (room === undefined) return false;
    const body = { content: longest };
    const answer = await exchange('POST', `${anyOf(urls)}/chatroom/${room}/message`, { body, token });
    if (answer?.status === 202) return true;
    odd.add(answer === null ? 'a post got no answer' : (oddRefusal(answer) ?? ''));
    return false;
  };
  const post = async () => {
    while (left-- > 0) {
      if (await isAccepted()) continue;
      left++;
      await pause(100);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, post));
  return [...odd].filter(Boolean);
}

/** Others sign in, one a second. */
function signInMeanwhile(urls: readonly string[], everySecond: () => Promise<void>) {
  const figures = { tries: 0, failed: 0, slowestSeconds: 0 };
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      const startedAt = performance.now();
      figures.tries++;
      // A process that sheds load sends Retry-After, and clients obey it.
      const signsIn = () => signIn(anyOf(urls)).then(Boolean, () => false);
      await until('somebody else signs in', 60_000, signsIn).catch(() => figures.failed++);
      figures.slowestSeconds = Math.max(figures.slowestSeconds, (performance.now() - startedAt) / 1000);
      await everySecond().catch(() => {});
      await pause(1000);
    }
  })();
  const stop = async () => {
    stopped = true;
    await running;
    return figures;
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

interface Backlog {
  readonly from: string;
  /** Position of the feed's last entry. */
  readonly to: string;
}

/** Fills the feed once more, and returns the first and last position. */
async function oldestBacklog({ client, rooms }: Person, url: string): Promise<Backlog> {
  await using stream = await client.events({ url });
  await until('the feed is open', 10_000, () => stream.position !== '');
  const from = stream.position;
  for (let n = 0; n < backlogPosts; n++) {
    let asked = await client.ask(rooms[0]!, longest);
    for (; asked.status === 503; asked = await client.ask(rooms[0]!, longest)) await pause(100);
    await stream.next((event) => event.type === 'message.created' && event.message.id === asked.body.id, 60_000);
  }
  return { from, to: stream.received.findLast(({ event }) => event.type === 'message.created')!.id };
}

/** Resumes the same old position several times and reads the backlog; returns the average milliseconds. */
async function returnOften({ token }: Person, urls: readonly string[], { from, to }: Backlog, times: number) {
  const startedAt = performance.now();
  const headers = { authorization: `Bearer ${token}`, 'last-event-id': from };
  for (let n = 0; n < times; n++) {
    await using stream = await openEventStream(`${anyOf(urls)}/events`, headers);
    await stream.next((_event, id) => id === to);
  }
  return (performance.now() - startedAt) / times;
}

function openWithoutReading(url: string, { token }: Person, after: string): net.Socket {
  const { hostname, port } = new URL(url);
  const socket = net.connect({ host: hostname, port: Number(port) });
  socket.on('error', () => {});
  socket.pause();
  const headers = [`host: ${hostname}`, `authorization: Bearer ${token}`, `last-event-id: ${after}`];
  socket.write(`GET /events HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
  return socket;
}
