/** Five messages a day: the refusal of the sixth, also in races. */
import { describe, expect } from 'vitest';
import { signIn, type Answer } from '../client.ts';
import { scaled } from '../fault-scale.ts';
import { askingTest } from '../fixtures.ts';
import { services } from '../services.ts';
import { setClock, usageByDay } from '../sql.ts';

const limit = 5;
const parallelPosts = 200;
const rounds = scaled(3);

const it = askingTest();

const count = (answers: readonly Answer[], status: number) => answers.filter((one) => one.status === status).length;

describe('the daily limit', () => {
  it('counts down in the headers and refuses the sixth', async ({ user }) => {
    const roomId = await user.room();
    for (let left = limit - 1; left >= 0; left--) {
      const accepted = await user.ask(roomId, 'Count this');
      expect(accepted.status).toBe(202);
      expect(accepted.headers.get('ratelimit-policy')).toBe('"daily";q=5;w=86400');
      expect(accepted.headers.get('ratelimit')).toMatch(new RegExp(`^"daily";r=${left};t=\\d+$`));
    }
    const refused = await user.ask(roomId, 'One too many');
    const midnight = new Date();
    midnight.setUTCHours(24, 0, 0, 0);
    expect(refused).toMatchObject({
      status: 429,
      body: { code: 'daily_limit_reached', resets_at: midnight.toISOString() },
    });
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const leftSeconds = (midnight.getTime() - Date.now()) / 1000;
    expect(Math.abs(Number(refused.headers.get('retry-after')) - leftSeconds)).toBeLessThan(5);
    expect(refused.headers.get('ratelimit')).toMatch(/^"daily";r=0;t=\d+$/);
  });

  it('refunds nothing for deleted rooms, and stores nothing of a refused message', async ({ user }) => {
    const first = await user.room();
    for (let asked = 0; asked < limit; asked++) await user.ask(first, 'In a room that goes');
    expect((await user.call('DELETE', `/chatroom/${first}`)).status).toBe(204);
    const second = await user.room();
    expect((await user.ask(second, 'Still one too many')).status).toBe(429);
    expect((await user.call('GET', `/chatroom/${second}/messages?include=pending`)).body).toEqual([]);
    expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(limit);
  });

  it('does not apply to Pro', async ({ sql, user }) => {
    await sql(`update users set tier = 'Pro' where mobile_number = $1`, [user.number]);
    const roomId = await user.room();
    const answers = await Promise.all(Array.from({ length: limit * 3 }, () => user.ask(roomId, 'As often as I like')));
    expect(count(answers, 202)).toBe(limit * 3);
    expect(answers[0]!.headers.get('ratelimit')).toBeNull();
  });

  it('charges nothing to an account whose plan is not offered', async ({ sql, user }) => {
    const roomId = await user.room();
    await sql(`update users set tier = 'Gone' where mobile_number = $1`, [user.number]);
    expect((await user.ask(roomId, 'By no plan')).status).toBe(500);
    expect(await usageByDay(sql, user.number)).toEqual([]);
    // No process starts while an account has such a plan.
    await sql(`update users set tier = 'Basic' where mobile_number = $1`, [user.number]);
  });

  it('counts by the UTC day of the database, to the last second', async ({ sql, user }) => {
    const roomId = await user.room();
    const spend = async () => {
      const answers = await Promise.all(Array.from({ length: limit * 2 }, () => user.ask(roomId, 'Around midnight')));
      return count(answers, 202);
    };
    try {
      await setClock(sql, '2031-05-06T23:59:59.9Z');
      expect(await spend()).toBe(limit);
      const refused = await user.ask(roomId, 'A moment before midnight');
      expect(refused.body).toMatchObject({ code: 'daily_limit_reached', resets_at: '2031-05-07T00:00:00.000Z' });
      await setClock(sql, '2031-05-07T00:00:00.000Z');
      expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(0);
      expect(await spend()).toBe(limit);
      expect(await usageByDay(sql, user.number)).toEqual([
        { day: '2031-05-06', used: limit },
        { day: '2031-05-07', used: limit },
      ]);
    } finally {
      await setClock(sql, null);
    }
  });
});

describe.skipIf(!services.postgres || !services.redis)(
  'the daily limit with concurrent posts, two API processes',
  () => {
    it(
      `accepts exactly ${limit} of ${parallelPosts} parallel posts, ${rounds} times`,
      { timeout: rounds * 30_000 },
      async ({ second, sql, url }) => {
        for (let round = 0; round < rounds; round++) {
          const user = await signIn(url);
          const rooms = await Promise.all([user.room(), user.room(), user.room()]);
          const answers = await Promise.all(
            Array.from({ length: parallelPosts }, (_, n) =>
              user.call('POST', `/chatroom/${rooms[n % rooms.length]}/message`, {
                body: { content: `Rush ${n}` },
                url: n % 2 === 0 ? url : second.url,
              }),
            ),
          );
          expect([count(answers, 202), count(answers, 429)]).toEqual([limit, parallelPosts - limit]);
          const [stored] = await sql<{ questions: number; replies: number }>(
            `select count(*) filter (where is_from_user)::int as questions, count(*) filter (where not is_from_user)::int as replies
         from messages where user_id = (select id from users where mobile_number = $1)`,
            [user.number],
          );
          expect(stored).toEqual({ questions: limit, replies: limit });
          expect((await usageByDay(sql, user.number)).map(({ used }) => used)).toEqual([limit]);
        }
      },
    );
  },
);
