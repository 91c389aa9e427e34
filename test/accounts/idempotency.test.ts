/** `Idempotency-Key` of operations that create something: one effect and one answer for repeated requests. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Client, EventStream } from '../client.ts';
import { anyPlace, distributedPlace, type Place } from '../harness.ts';
import { askAndFinish, startApis, type Apis } from '../replies/finished-reply.ts';
import { services } from '../services.ts';

const parallelPosts = 100;

let apis: Apis;
let user: Client;
let roomId: number;
let replyId: number;

const start = async (makePlace: () => Promise<Place>, processes: number) => {
  apis = await startApis(makePlace, processes);
};
const stop = () => apis[Symbol.asyncDispose]();
const prepare = async () => {
  ({ user, roomId, replyId } = await askAndFinish(apis));
};

interface Kind {
  readonly what: string;
  readonly success: number;
  path(): string;
  readonly body: unknown;
  /** Null if the endpoint has no body. */
  readonly other: unknown;
  /** Counts the objects. */
  count(): Promise<number>;
  readonly event: string;
}

const lengthOf = async (path: string) => (await user.call('GET', path)).body.length;

const kinds: readonly Kind[] = [
  {
    what: 'a room',
    success: 201,
    path: () => '/chatroom',
    body: { name: 'Once' },
    other: { name: 'Twice' },
    count: () => lengthOf('/chatroom'),
    event: 'chatroom.created',
  },
  {
    what: 'a memory',
    success: 201,
    path: () => '/user/memories',
    body: { content: 'I am a vegetarian.' },
    other: { content: 'I am a vegetarian.', more: 1 },
    count: () => lengthOf('/user/memories'),
    event: 'user.changed',
  },
  {
    what: 'a share',
    success: 201,
    path: () => `/chatroom/${roomId}/shares`,
    body: undefined,
    other: null,
    count: () => lengthOf(`/chatroom/${roomId}/shares`),
    event: 'user.changed',
  },
  {
    what: 'another reply',
    success: 202,
    path: () => `/chatroom/${roomId}/messages/${replyId}/regenerate`,
    body: undefined,
    get other() {
      return { if_head_id: replyId };
    },
    async count() {
      return (await user.call('GET', `/chatroom/${roomId}/messages/${replyId}`)).body.versions.length;
    },
    event: 'message.created',
  },
];

/** Replaces the base URL, which differs between processes on different ports. */
const withoutHost = (body: Answer['body']) => ({ ...body, ...(body.url && { url: new URL(body.url).pathname }) });

const post = ({ path, body }: Kind, key: string, url?: string): Promise<Answer> =>
  user.call('POST', path(), { body, headers: { 'idempotency-key': key }, ...(url !== undefined && { url }) });

describe('an idempotency key', () => {
  let live: EventStream;
  beforeAll(() => start(anyPlace, 1));
  afterAll(stop);
  beforeEach(prepare);

  describe.each(kinds)('of $what', (kind) => {
    it('repeats the answer, marked as replayed, without another object or event', async () => {
      live = await user.events();
      const before = await kind.count();
      const first = await post(kind, 'k');
      const again = await post(kind, 'k');
      expect([first.status, again.status]).toEqual([kind.success, kind.success]);
      expect(again.body).toEqual(first.body);
      expect(again.headers.get('location')).toBe(first.headers.get('location'));
      expect([first, again].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
      expect(await kind.count()).toBe(before + 1);
      await user.call('PATCH', `/chatroom/${roomId}`, { body: { name: 'Afterwards' } });
      await live.next((event) => event.type === 'chatroom.updated');
      const announced = live.received.filter(({ event }) => event.type === kind.event);
      expect(announced).toHaveLength(1);
      expect(announced[0]!.event).toMatchObject(kind.event === 'message.created' ? { idempotency_key: 'k' } : {});
      await live[Symbol.asyncDispose]();
    });

    it('is refused with another body, and for other operations', async () => {
      const first = await post(kind, 'k');
      expect(first.status).toBe(kind.success);
      const others = kinds.filter((one) => one !== kind).map((one) => post(one, 'k'));
      const message = user.ask(roomId, 'Once', { 'idempotency-key': 'k' });
      const bodies = kind.other === null ? [] : [post({ ...kind, body: kind.other }, 'k')];
      for (const answer of await Promise.all([...others, message, ...bodies])) {
        // Concurrent requests with one key may conflict.
        expect(['idempotency_key_reused', 'request_in_flight']).toContain(answer.body.code);
      }
      expect(await post({ ...kind, body: kind.other ?? { any: 1 } }, 'k')).toMatchObject({
        status: 422,
        body: { code: 'idempotency_key_reused' },
      });
    });

    it('is stored in few bytes', async () => {
      expect((await post(kind, 'k')).status).toBe(kind.success);
      const stored = await apis.sql<{ bytes: number }>(
        `select octet_length(answer) as bytes from idempotency_keys
         where user_id = (select id from users where mobile_number = $1)`,
        [user.number],
      );
      expect(stored).toHaveLength(1);
      expect(stored[0]!.bytes).toBeLessThan(300);
    });
  });

  it('of a message is refused for other operations', async () => {
    expect((await user.ask(roomId, 'Once', { 'idempotency-key': 'k' })).status).toBe(202);
    for (const kind of kinds) {
      expect(await post(kind, 'k')).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    }
  });

  it('of a refused request can be used again', async () => {
    const [room] = kinds;
    expect((await post({ ...room!, body: { name: '' } }, 'k')).status).toBe(422);
    expect((await post(kinds[3]!, 'again')).status).toBe(202);
    const unfinished = { status: 409, body: { code: 'reply_unfinished' } };
    expect(await post(kinds[3]!, 'k')).toMatchObject(unfinished);
    expect((await post(room!, 'k')).status).toBe(201);
  });

  it('stores no text of a memory', async () => {
    const [, memory] = kinds;
    const { body } = await post(memory!, 'k');
    await user.call('DELETE', `/user/memories/${body.id}`);
    expect(await apis.sql(`select from idempotency_keys where answer like '%vegetarian%'`)).toEqual([]);
    expect((await post(memory!, 'k')).body).toEqual(body);
  });

  it('returns the same link again, also when it was revoked', async () => {
    const { body } = await post(kinds[2]!, 'k');
    await user.call('DELETE', `/chatroom/${roomId}/shares/${body.id}`);
    expect((await post(kinds[2]!, 'k')).body).toEqual(body);
    expect((await user.call('GET', `/shared/${body.url.split('/').at(-1)}`)).status).toBe(404);
  });

  it('of a regenerated reply is replayed at the daily limit too, but not when the room is deleted', async () => {
    const reply = kinds[3]!;
    const first = await post(reply, 'k');
    await apis.sql(`update daily_usage set used = 5`);
    expect((await user.ask(roomId, 'Over')).status).toBe(429);
    const again = await post(reply, 'k');
    expect(again).toMatchObject({ status: 202, body: first.body });
    expect(again.headers.get('ratelimit')).toMatch(/^"daily";r=0;/);
    await user.call('DELETE', `/chatroom/${roomId}`);
    expect((await post(reply, 'k')).status).toBe(404);
  });
});

describe.skipIf(!services.postgres || !services.redis)('an idempotency key sent many times at once', () => {
  beforeAll(() => start(distributedPlace, 2));
  afterAll(stop);
  beforeEach(prepare);

  it.each(kinds)(
    `has one effect and one answer for ${parallelPosts} posts of $what`,
    { timeout: 60_000 },
    async (kind) => {
      const before = await kind.count();
      const used = (await user.call('GET', '/user/me')).body.daily_message_count;
      const answers = await Promise.all(
        Array.from({ length: parallelPosts }, (_, n) => post(kind, 'k', apis.running[n % 2]!.url)),
      );
      const successes = answers.filter(({ status }) => status === kind.success);
      const inFlight = answers.filter(({ status, body }) => status === 409 && body.code === 'request_in_flight');
      expect(successes.length).toBeGreaterThan(0);
      expect(successes.length + inFlight.length).toBe(parallelPosts);
      for (const { body } of successes) expect(withoutHost(body)).toEqual(withoutHost(successes[0]!.body));
      expect(successes.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
      expect(await kind.count()).toBe(before + 1);
      const charged = kind.success === 202 ? 1 : 0;
      expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(used + charged);
    },
  );
});
