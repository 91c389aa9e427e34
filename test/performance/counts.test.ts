/** Numbers of statements and Redis commands for each request and reply: unlike times, they do not vary. */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { settings } from '../../server/config/settings.ts';
import { signIn, type Client } from '../client.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { askAt, distributedPlace, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { canSpawnRedis, startRedis, type RedisServer } from '../redis-server.ts';
import { services } from '../services.ts';
import { sqlOf } from '../sql.ts';
import { packetProxy, type PacketProxy } from './packet-proxy.ts';
import { watchServices, type Watched } from './watch-services.ts';

const times = 5;
/** Deletion of the cached list, the feed's script, and the wake-up. */
const commandsOfSend = ['del', 'evalsha', 'lpush'];

describe.skipIf(!services.postgres || !canSpawnRedis)('a request', () => {
  let redis: RedisServer;
  let proxy: PacketProxy;
  let place: Place;
  let api: RunningProduct;
  let watched: Watched;
  let client: Client;
  let roomId: number;
  let messageId: number;

  beforeAll(async () => {
    redis = await startRedis();
    proxy = await packetProxy(redis.port);
    place = await distributedPlace();
    api = await startProduct(place, {
      environment: {
        REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
        BASIC_DAILY_LIMIT: '1000',
        ACCOUNT_WRITES_MINUTE: settings.ACCOUNT_WRITES_MINUTE.fallback,
        ACCOUNT_REQUESTS_AT_ONCE: settings.ACCOUNT_REQUESTS_AT_ONCE.fallback,
      },
      role: 'api',
    });
    client = await signIn(api.url);
    roomId = await client.room();
    // The first of each kind also sends its script, the wake-up after everything else.
    messageId = (await client.ask(roomId, 'Why?')).body.id;
    await vi.waitFor(async () => expect(await wakeUpsIn(redis.url, place)).toBe(1));
    watched = await watchServices(redis.url);
  });

  afterAll(async () => {
    await watched[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });

  beforeEach(() => watched.clear());

  /** Makes the request several times and expects the statements and commands of one request as many times. */
  async function expectEach(request: () => Promise<unknown>, sql: string[], commands: string[]): Promise<void> {
    for (let n = 1; n <= times; n += 1) {
      await request();
      expect(watched.sql()).toEqual(repeated(sql, n));
      // Work that the answer does not wait for follows shortly after; excess would be counted with the next request.
      await expect.poll(() => watched.redis().toSorted()).toEqual(repeated(commands, n).toSorted());
    }
  }

  it('for the rooms reads the cache once and runs no statement', async () => {
    await client.call('GET', '/chatroom');
    watched.clear();
    await expectEach(() => client.call('GET', '/chatroom'), [], ['mget']);
  });

  it('for a room runs one statement', async () => {
    await expectEach(() => client.call('GET', `/chatroom/${roomId}`), ['chatroom_read'], []);
  });

  it('for a page of messages runs one statement', async () => {
    await expectEach(() => client.call('GET', `/chatroom/${roomId}/messages`), ['messages_older'], []);
  });

  it('for one message runs one statement', async () => {
    const path = `/chatroom/${roomId}/messages/${messageId}`;
    await expectEach(() => client.call('GET', path), ['message_one'], []);
  });

  it('for the signed-in user runs one statement', async () => {
    await expectEach(() => client.call('GET', '/user/me'), ['usage_of'], []);
  });

  it('that sends a message runs one statement, deletes the cached list, publishes events and wakes a worker', async () => {
    await expectEach(() => client.ask(roomId, 'Why?'), ['accept_message'], commandsOfSend);
  });

  it('that sends a message with a key runs one statement', async () => {
    const request = () => client.ask(roomId, 'Why?', { 'idempotency-key': randomUUID() });
    await expectEach(request, ['accept_message_with_key'], commandsOfSend);
  });

  it('with an invalid token reads nothing', async () => {
    const headers = { authorization: 'Bearer a.b.c' };
    await expectEach(() => client.call('GET', '/chatroom', { headers }), [], []);
  });

  it('that sends a message writes to Redis in one packet', async () => {
    proxy.clear();
    for (let n = 0; n < times; n += 1) await client.ask(roomId, 'Why?');
    const inPacket = (packet: string) =>
      ['del', 'evalsha', 'lpush'].filter((name) => packet.includes(`\r\n${name}\r\n`));
    const written = () => proxy.packets.map(inPacket).filter(([first]) => first === 'del' || first === 'lpush');
    await expect.poll(written).toEqual(repeated([commandsOfSend]));
  });
});

describe.skipIf(!services.postgres || !canSpawnRedis)('a reply', () => {
  let redis: RedisServer;
  let gemini: FakeGemini;
  let place: Place;
  let product: RunningProduct;
  let client: Client;

  beforeAll(async () => {
    redis = await startRedis();
    gemini = await startFakeGemini({ usual: { kind: 'answer', chunks: 50 } });
    place = await distributedPlace();
    const environment = { REDIS_URL: redis.url, BASIC_DAILY_LIMIT: '1000', ...askAt(gemini) };
    product = await startProduct(place, { environment });
    client = await signIn(product.url);
  });

  afterAll(async () => {
    await product[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
    await gemini[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });

  it('reads its conversation once, and is written with its entry in the ledger once, with any number of chunks', async () => {
    const roomId = await client.room();
    await using feed = await client.events();
    await using watched = await watchServices(redis.url);
    for (let n = 0; n < times; n += 1) {
      const sent = await client.ask(roomId, 'Why?');
      await feed.next((event) => event.type === 'reply.completed' && event.message_id === sent.body.reply.id);
    }
    const ours = watched.sql().filter((name) => /^(reply|memories|usage)_|usage_entries/.test(name));
    expect(ours.toSorted()).toEqual(repeated(['memories_for_prompts', 'reply_finish', 'reply_prompt']).toSorted());
    const [ledger] = await sqlOf(product)<{ entries: number }>('select count(*)::int as entries from usage_entries');
    expect(ledger).toEqual({ entries: times });
    const deltas = feed.received.filter(({ event }) => event.type === 'reply.delta').length;
    // Merged by time: one at once, one at the end, and few in between on a slow machine.
    expect(deltas).toBeLessThan(times * 10);
  });
});

async function wakeUpsIn(url: string, { environment }: Place): Promise<number> {
  const client = new Redis(url);
  try {
    return await client.llen(`${environment.REDIS_PREFIX}:wake-ups:replies`);
  } finally {
    client.disconnect();
  }
}

function repeated<T>(list: readonly T[], count = times): T[] {
  return Array.from({ length: count }, () => list).flat();
}
