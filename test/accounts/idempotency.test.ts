/** `Idempotency-Key` of operations that create something: one effect and one answer for repeated requests. */
import { describe, expect } from 'vitest';
import type { Answer, Client } from '../client.ts';
import { finishedReplyTest, type FinishedReply } from '../replies/finished-reply.ts';
import { services } from '../services.ts';

const parallelPosts = 100;

const it = finishedReplyTest();

interface Kind {
  readonly what: string;
  readonly success: number;
  path(of: FinishedReply): string;
  readonly body: unknown;
  /** Another body; null if the endpoint has none. */
  other(of: FinishedReply): unknown;
  /** Counts the objects. */
  count(of: FinishedReply): Promise<number>;
  readonly event: string;
}

const lengthOf = async (user: Client, path: string) => (await user.call('GET', path)).body.length;

const kinds: readonly Kind[] = [
  {
    what: 'a room',
    success: 201,
    path: () => '/chatroom',
    body: { name: 'Once' },
    other: () => ({ name: 'Twice' }),
    count: ({ user }) => lengthOf(user, '/chatroom'),
    event: 'chatroom.created',
  },
  {
    what: 'a memory',
    success: 201,
    path: () => '/user/memories',
    body: { content: 'I am a vegetarian.' },
    other: () => ({ content: 'I am a vegetarian.', more: 1 }),
    count: ({ user }) => lengthOf(user, '/user/memories'),
    event: 'user.changed',
  },
  {
    what: 'a share',
    success: 201,
    path: ({ roomId }) => `/chatroom/${roomId}/shares`,
    body: undefined,
    other: () => null,
    count: ({ user, roomId }) => lengthOf(user, `/chatroom/${roomId}/shares`),
    event: 'user.changed',
  },
  {
    what: 'another reply',
    success: 202,
    path: ({ roomId, replyId }) => `/chatroom/${roomId}/messages/${replyId}/regenerate`,
    body: undefined,
    other: ({ replyId }) => ({ if_head_id: replyId }),
    async count({ user, roomId, replyId }) {
      return (await user.call('GET', `/chatroom/${roomId}/messages/${replyId}`)).body.versions.length;
    },
    event: 'message.created',
  },
];

/** Replaces the base URL, which differs between processes on different ports. */
const withoutHost = (body: Answer['body']) => ({ ...body, ...(body.url && { url: new URL(body.url).pathname }) });

const post = (of: FinishedReply, { path, body }: Kind, key: string, url?: string): Promise<Answer> =>
  of.user.call('POST', path(of), { body, headers: { 'idempotency-key': key }, ...(url !== undefined && { url }) });

describe('an idempotency key', () => {
  describe.each(kinds)('of $what', (kind) => {
    it('repeats the answer, marked as replayed, without another object or event', async ({ finished }) => {
      const { user, roomId } = finished;
      await using live = await user.events();
      const before = await kind.count(finished);
      const first = await post(finished, kind, 'k');
      const again = await post(finished, kind, 'k');
      expect([first.status, again.status]).toEqual([kind.success, kind.success]);
      expect(again.body).toEqual(first.body);
      expect(again.headers.get('location')).toBe(first.headers.get('location'));
      expect([first, again].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
      expect(await kind.count(finished)).toBe(before + 1);
      await user.call('PATCH', `/chatroom/${roomId}`, { body: { name: 'Afterwards' } });
      await live.next((event) => event.type === 'chatroom.updated');
      const announced = live.received.filter(({ event }) => event.type === kind.event);
      expect(announced).toHaveLength(1);
      expect(announced[0]!.event).toMatchObject(kind.event === 'message.created' ? { idempotency_key: 'k' } : {});
    });

    it('is refused with another body, and for other operations', async ({ finished }) => {
      const { user, roomId } = finished;
      const first = await post(finished, kind, 'k');
      expect(first.status).toBe(kind.success);
      const others = kinds.filter((one) => one !== kind).map((one) => post(finished, one, 'k'));
      const message = user.ask(roomId, 'Once', { 'idempotency-key': 'k' });
      const bodies =
        kind.other(finished) === null ? [] : [post(finished, { ...kind, body: kind.other(finished) }, 'k')];
      for (const answer of await Promise.all([...others, message, ...bodies])) {
        // Concurrent requests with one key may conflict.
        expect(['idempotency_key_reused', 'request_in_flight']).toContain(answer.body.code);
      }
      expect(await post(finished, { ...kind, body: kind.other(finished) ?? { any: 1 } }, 'k')).toMatchObject({
        status: 422,
        body: { code: 'idempotency_key_reused' },
      });
    });

    it('is stored in few bytes', async ({ finished, sql }) => {
      expect((await post(finished, kind, 'k')).status).toBe(kind.success);
      const stored = await sql<{ bytes: number }>(
        `select octet_length(answer) as bytes from idempotency_keys
         where user_id = (select id from users where mobile_number = $1)`,
        [finished.user.number],
      );
      expect(stored).toHaveLength(1);
      expect(stored[0]!.bytes).toBeLessThan(300);
    });
  });

  it('of a message is refused for other operations', async ({ finished }) => {
    const { user, roomId } = finished;
    expect((await user.ask(roomId, 'Once', { 'idempotency-key': 'k' })).status).toBe(202);
    for (const kind of kinds) {
      expect(await post(finished, kind, 'k')).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    }
  });

  it('of a refused request can be used again', async ({ finished }) => {
    const [room] = kinds;
    expect((await post(finished, { ...room!, body: { name: '' } }, 'k')).status).toBe(422);
    expect((await post(finished, kinds[3]!, 'again')).status).toBe(202);
    const unfinished = { status: 409, body: { code: 'reply_unfinished' } };
    expect(await post(finished, kinds[3]!, 'k')).toMatchObject(unfinished);
    expect((await post(finished, room!, 'k')).status).toBe(201);
  });

  it('stores no text of a memory', async ({ finished, sql }) => {
    const [, memory] = kinds;
    const { body } = await post(finished, memory!, 'k');
    await finished.user.call('DELETE', `/user/memories/${body.id}`);
    expect(await sql(`select from idempotency_keys where answer like '%vegetarian%'`)).toEqual([]);
    expect((await post(finished, memory!, 'k')).body).toEqual(body);
  });

  it('returns the same link again, also when it was revoked', async ({ finished }) => {
    const { user, roomId } = finished;
    const { body } = await post(finished, kinds[2]!, 'k');
    await user.call('DELETE', `/chatroom/${roomId}/shares/${body.id}`);
    expect((await post(finished, kinds[2]!, 'k')).body).toEqual(body);
    expect((await user.call('GET', `/shared/${body.url.split('/').at(-1)}`)).status).toBe(404);
  });

  it('of a regenerated reply is replayed at the daily limit too, but not when the room is deleted', async ({
    finished,
    sql,
  }) => {
    const { user, roomId } = finished;
    const reply = kinds[3]!;
    const first = await post(finished, reply, 'k');
    await sql(`update daily_usage set used = 5`);
    expect((await user.ask(roomId, 'Over')).status).toBe(429);
    const again = await post(finished, reply, 'k');
    expect(again).toMatchObject({ status: 202, body: first.body });
    expect(again.headers.get('ratelimit')).toMatch(/^"daily";r=0;/);
    await user.call('DELETE', `/chatroom/${roomId}`);
    expect((await post(finished, reply, 'k')).status).toBe(404);
  });
});

describe.skipIf(!services.postgres || !services.redis)('an idempotency key sent many times at once', () => {
  it.for(kinds)(
    `has one effect and one answer for ${parallelPosts} posts of $what`,
    { timeout: 60_000 },
    async (kind, { finished, second, url }) => {
      const { user } = finished;
      const before = await kind.count(finished);
      const used = (await user.call('GET', '/user/me')).body.daily_message_count;
      const answers = await Promise.all(
        Array.from({ length: parallelPosts }, (_, n) => post(finished, kind, 'k', n % 2 === 0 ? url : second.url)),
      );
      const successes = answers.filter(({ status }) => status === kind.success);
      const inFlight = answers.filter(({ status, body }) => status === 409 && body.code === 'request_in_flight');
      expect(successes.length).toBeGreaterThan(0);
      expect(successes.length + inFlight.length).toBe(parallelPosts);
      for (const { body } of successes) expect(withoutHost(body)).toEqual(withoutHost(successes[0]!.body));
      expect(successes.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
      expect(await kind.count(finished)).toBe(before + 1);
      const charged = kind.success === 202 ? 1 : 0;
      expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(used + charged);
    },
  );
});
