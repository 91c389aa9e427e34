/** `Idempotency-Key`: the same key and body create one message, with any number of requests at any process. */
import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { signIn, type Answer, type Client } from '../client.ts';
import { scaled } from '../fault-scale.ts';
import { askingTest } from '../fixtures.ts';
import { services } from '../services.ts';
import { setClock } from '../sql.ts';

const parallelPosts = 100;
const rounds = scaled(3);

const it = askingTest();

const ask = (user: Client, roomId: number, content: string, key: string): Promise<Answer> =>
  user.ask(roomId, content, { 'idempotency-key': key });
const usedToday = async (user: Client) => (await user.call('GET', '/user/me')).body.daily_message_count;

describe('an idempotency key', () => {
  it('repeats the answer, also after the reply is complete, and charges once', async ({ user }) => {
    const roomId = await user.room();
    const first = await ask(user, roomId, 'Once', 'a key');
    await user.waitForReply(roomId);
    const again = await ask(user, roomId, 'Once', 'a key');
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(again.headers.get('ratelimit')).toMatch(/^"daily";r=4;/);
    expect((await user.call('GET', `/chatroom/${roomId}/messages`)).body).toHaveLength(2);
    expect(await usedToday(user)).toBe(1);
  });

  it('is refused with another text or in another room', async ({ user }) => {
    const [roomId, other] = [await user.room(), await user.room()];
    await ask(user, roomId, 'This', 'k');
    for (const refused of [await ask(user, roomId, 'That', 'k'), await ask(user, other, 'This', 'k')]) {
      expect(refused).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    }
    expect(await usedToday(user)).toBe(1);
  });

  it('is separate for each user', async ({ url }) => {
    const key = randomUUID();
    const [one, two] = [await signIn(url), await signIn(url)];
    const answers = [await ask(one, await one.room(), 'Mine', key), await ask(two, await two.room(), 'Mine too', key)];
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(answers[0]!.body.id).not.toBe(answers[1]!.body.id);
    expect([await usedToday(one), await usedToday(two)]).toEqual([1, 1]);
  });

  it("gives no access to another user's room", async ({ url }) => {
    const [owner, stranger] = [await signIn(url), await signIn(url)];
    const roomId = await owner.room();
    await ask(owner, roomId, 'Private', 'k');
    expect((await ask(stranger, roomId, 'Private', 'k')).status).toBe(404);
  });

  it('repeats the answer after the room was deleted, and after the day has ended', async ({ sql, user }) => {
    const roomId = await user.room();
    const first = await ask(user, roomId, 'Before it goes', 'k');
    await user.call('DELETE', `/chatroom/${roomId}`);
    const replayed = await ask(user, roomId, 'Before it goes', 'k');
    expect(replayed).toMatchObject({ status: 202, body: first.body });
    expect(await ask(user, roomId, 'Something else', 'k')).toMatchObject({ status: 422 });
    expect((await ask(user, roomId, 'Before it goes', 'another')).status).toBe(404);
    try {
      await setClock(sql, '2033-01-01T00:00:00Z');
      const nextDay = await ask(user, roomId, 'Before it goes', 'k');
      expect(nextDay).toMatchObject({ status: 202, body: first.body });
      expect(nextDay.headers.get('ratelimit')).toMatch(/^"daily";r=5;/);
    } finally {
      await setClock(sql, null);
    }
    expect(await usedToday(user)).toBe(1);
  });

  it('of a refused message can be used again', async ({ sql, user }) => {
    const roomId = await user.room();
    for (let asked = 0; asked < 5; asked++) await user.ask(roomId, 'Spend');
    expect((await ask(user, roomId, 'Over the limit', 'k')).status).toBe(429);
    await sql(`update users set tier = 'Pro' where mobile_number = $1`, [user.number]);
    expect((await ask(user, roomId, 'Over the limit', 'k')).status).toBe(202);
  });

  it('is replayed at the daily limit too', async ({ user }) => {
    const roomId = await user.room();
    const first = await ask(user, roomId, 'The first', 'k');
    for (let asked = 1; asked < 5; asked++) await user.ask(roomId, 'Spend');
    expect((await user.ask(roomId, 'Over')).status).toBe(429);
    expect(await ask(user, roomId, 'The first', 'k')).toMatchObject({ status: 202, body: first.body });
  });
});

describe.skipIf(!services.postgres || !services.redis)('an idempotency key sent many times at once', () => {
  it(
    `creates one message and one charge for ${parallelPosts} posts at two API processes`,
    { timeout: rounds * 30_000 },
    async ({ second, url }) => {
      for (let round = 0; round < rounds; round++) {
        const user = await signIn(url);
        const roomId = await user.room();
        const answers = await Promise.all(
          Array.from({ length: parallelPosts }, (_, n) =>
            user.call('POST', `/chatroom/${roomId}/message`, {
              body: { content: 'All at once' },
              headers: { 'idempotency-key': 'k' },
              url: n % 2 === 0 ? url : second.url,
            }),
          ),
        );
        const accepted = answers.filter(({ status }) => status === 202);
        const inFlight = answers.filter(({ status, body }) => status === 409 && body.code === 'request_in_flight');
        expect(accepted.length).toBeGreaterThan(0);
        expect(accepted.length + inFlight.length).toBe(parallelPosts);
        for (const { body } of accepted) expect(body).toEqual(accepted[0]!.body);
        for (const { headers } of inFlight) expect(headers.get('retry-after')).toBe('1');
        expect((await user.call('GET', `/chatroom/${roomId}/messages?include=pending`)).body).toHaveLength(2);
        expect(await usedToday(user)).toBe(1);
      }
    },
  );
});
