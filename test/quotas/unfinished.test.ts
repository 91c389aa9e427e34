/** An account has a bounded number of unfinished replies, over all operations and processes. */
import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import type { Answer, Client } from '../client.ts';
import { askingTest } from '../fixtures.ts';
import { services } from '../services.ts';

const most = 4;
const dailyLimit = 1000;
const hanging = '[[first:60000]]';

const it = askingTest({
  environment: { BASIC_DAILY_LIMIT: String(dailyLimit), UNFINISHED_REPLIES_AT_MOST: String(most) },
});

const usedToday = async (user: Client) => (await user.call('GET', '/user/me')).body.daily_message_count;
const cancel = (user: Client, roomId: number, id: number) =>
  user.call('POST', `/chatroom/${roomId}/messages/${id}/cancel`);
const isRefused = ({ status, headers, body }: Answer) =>
  status === 429 && body.code === 'too_many_unfinished' && headers.get('retry-after') === '5';

it('refuses the next question without a charge until a reply has ended', async ({ user }) => {
  const roomId = await user.room();
  const asked: Answer[] = [];
  for (let n = 0; n < most; n++) asked.push(await user.ask(roomId, `${n} ${hanging}`));
  expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 202));
  expect(isRefused(await user.ask(roomId, 'One too many'))).toBe(true);
  expect(isRefused(await user.ask(roomId, 'With a key', { 'idempotency-key': 'a key' }))).toBe(true);
  expect(await usedToday(user)).toBe(most);
  await cancel(user, roomId, asked.at(-1)!.body.reply.id);
  expect((await user.ask(roomId, 'With a key', { 'idempotency-key': 'a key' })).status).toBe(202);
  expect(isRefused(await user.ask(roomId, 'And again one too many'))).toBe(true);
});

it('counts a regenerated reply', async ({ user }) => {
  const roomId = await user.room();
  const first = await user.ask(roomId, 'Quick');
  await user.waitForReply(roomId);
  for (let n = 0; n < most; n++) await user.ask(roomId, `${n} ${hanging}`);
  const regenerate = `/chatroom/${roomId}/messages/${first.body.reply.id}/regenerate`;
  expect(isRefused(await user.call('POST', regenerate))).toBe(true);
  expect(await usedToday(user)).toBe(most + 1);
});

it('is reported before the daily limit', async ({ sql, user }) => {
  const roomId = await user.room();
  for (let n = 0; n < most; n++) await user.ask(roomId, `${n} ${hanging}`);
  await sql('update daily_usage set used = $1 where user_id = (select id from users where mobile_number = $2)', [
    dailyLimit,
    user.number,
  ]);
  expect(isRefused(await user.ask(roomId, 'Both'))).toBe(true);
  const { body } = await user.call('GET', `/chatroom/${roomId}/messages?include=pending`);
  const unfinished = body.find((one: { status: string }) => one.status === 'queued');
  await cancel(user, roomId, unfinished.id);
  expect((await user.ask(roomId, 'Only the day')).body.code).toBe('daily_limit_reached');
});

describe.skipIf(!services.postgres || !services.redis)('concurrent questions', () => {
  // PGlite runs one statement at a time.
  it.for([
    ['on the first message of a day', false],
    ['later that day', true],
  ] as const)('never exceed the limit, %s', async ([_when, charged], { second, url: first, user }) => {
    if (charged) {
      const roomId = await user.room();
      await user.ask(roomId, 'Quick');
      await user.waitForReply(roomId);
    }
    const rooms = await Promise.all(Array.from({ length: 30 }, () => user.room()));
    const answers = await Promise.all(
      rooms.map((roomId, n) => {
        const url = n % 2 === 0 ? first : second.url;
        const headers: Record<string, string> = n % 3 === 0 ? { 'idempotency-key': randomUUID() } : {};
        const body = { content: `${n} ${hanging}` };
        return user.call('POST', `/chatroom/${roomId}/message`, { body, headers, url });
      }),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(most);
    expect(answers.filter(isRefused)).toHaveLength(30 - most);
    expect(await usedToday(user)).toBe(most + (charged ? 1 : 0));
  });
});
