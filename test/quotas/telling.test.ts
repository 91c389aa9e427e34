/** How the quota is reported: in headers, in events and in the text of a refusal. */
import { expect } from 'vitest';
import { askingTest } from '../fixtures.ts';

const dailyLimit = 2;

const it = askingTest({ environment: { BASIC_DAILY_LIMIT: String(dailyLimit) } });

const endOfDay = () => {
  const midnight = new Date();
  midnight.setUTCHours(24, 0, 0, 0);
  return midnight;
};

it('to Basic: the limit, the used and the remaining messages, until the end of the UTC day', async ({ user }) => {
  const roomId = await user.room();
  await using live = await user.events();
  const accepted = await user.ask(roomId, 'The first');
  expect(accepted.headers.get('ratelimit-policy')).toBe(`"daily";q=${dailyLimit};w=86400`);
  const [, left, seconds] = /^"daily";r=(\d+);t=(\d+)$/.exec(accepted.headers.get('ratelimit')!)!;
  expect(left).toBe('1');
  const leftMs = endOfDay().getTime() - Date.now();
  expect(Math.abs(Number(seconds) * 1000 - leftMs)).toBeLessThan(60_000);
  const { event } = await live.next(({ type }) => type === 'quota.changed');
  expect(event).toEqual({
    type: 'quota.changed',
    daily_limit: dailyLimit,
    messages_used_today: 1,
    remaining_today: 1,
    resets_at: endOfDay().toISOString(),
    budget: null,
  });
});

it('to Basic past the limit: the limit and when it resets, and of no plan, since none is sold', async ({ user }) => {
  const roomId = await user.room();
  for (let n = 0; n < dailyLimit; n++) expect((await user.ask(roomId, 'One of today')).status).toBe(202);
  const { body } = await user.ask(roomId, 'One too many');
  expect(body.detail).toContain(`your ${dailyLimit} messages of today`);
  expect(body.detail).toContain(endOfDay().toISOString());
  expect(body.detail).not.toContain('Pro');
  expect(body).not.toHaveProperty('upgrade_url');
});

it('to Pro: that there is no limit', async ({ sql, user }) => {
  await sql(`update users set tier = 'Pro' where mobile_number = $1`, [user.number]);
  const roomId = await user.room();
  await using live = await user.events();
  const accepted = await user.ask(roomId, 'One of many');
  expect([accepted.headers.get('ratelimit'), accepted.headers.get('ratelimit-policy')]).toEqual([null, null]);
  const { event } = await live.next(({ type }) => type === 'quota.changed');
  expect(event).toMatchObject({ daily_limit: null, messages_used_today: 1, remaining_today: null });
});

it('to a user downgraded from Pro above the limit: nothing remaining, and not a negative number', async ({
  sql,
  user,
}) => {
  await sql(`update users set tier = 'Pro' where mobile_number = $1`, [user.number]);
  const roomId = await user.room();
  for (let n = 0; n <= dailyLimit; n++) await user.ask(roomId, 'As Pro');
  await sql(`update users set tier = 'Basic' where mobile_number = $1`, [user.number]);
  const refused = await user.ask(roomId, 'As Basic again');
  expect(refused.status).toBe(429);
  expect(refused.headers.get('ratelimit')).toMatch(/^"daily";r=0;/);
  expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(dailyLimit + 1);
});

it('to a deleted account: not signed in', async ({ sql, user }) => {
  await sql(`delete from users where mobile_number = $1`, [user.number]);
  expect(await user.call('GET', '/user/me')).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
});
