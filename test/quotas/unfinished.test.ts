/** An account has a bounded number of unfinished replies, over all operations and processes. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signIn, type Answer, type Client } from '../client.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { anyPlace, askAt, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { services } from '../services.ts';
import { sqlOf } from '../sql.ts';

const most = 4;
const dailyLimit = 1000;
const hanging = '[[first:60000]]';

let fake: FakeGemini;
let place: Place;
let running: RunningProduct;
let user: Client;

beforeAll(async () => {
  fake = await startFakeGemini();
  place = await anyPlace();
  running = await startProduct(place, {
    environment: { ...askAt(fake), BASIC_DAILY_LIMIT: String(dailyLimit), UNFINISHED_REPLIES_AT_MOST: String(most) },
  });
});
afterAll(async () => {
  await running[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
  await fake[Symbol.asyncDispose]();
});
beforeEach(async () => {
  user = await signIn(running.url);
});

const usedToday = async () => (await user.call('GET', '/user/me')).body.daily_message_count;
const cancel = (roomId: number, id: number) => user.call('POST', `/chatroom/${roomId}/messages/${id}/cancel`);
const isRefused = ({ status, headers, body }: Answer) =>
  status === 429 && body.code === 'too_many_unfinished' && headers.get('retry-after') === '5';

it('refuses the next question without a charge until a reply has ended', async () => {
  const roomId = await user.room();
  const asked: Answer[] = [];
  for (let n = 0; n < most; n++) asked.push(await user.ask(roomId, `${n} ${hanging}`));
  expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 202));
  expect(isRefused(await user.ask(roomId, 'One too many'))).toBe(true);
  expect(isRefused(await user.ask(roomId, 'With a key', { 'idempotency-key': 'a key' }))).toBe(true);
  expect(await usedToday()).toBe(most);
  await cancel(roomId, asked.at(-1)!.body.reply.id);
  expect((await user.ask(roomId, 'With a key', { 'idempotency-key': 'a key' })).status).toBe(202);
  expect(isRefused(await user.ask(roomId, 'And again one too many'))).toBe(true);
});

it('counts a regenerated reply', async () => {
  const roomId = await user.room();
  const first = await user.ask(roomId, 'Quick');
  await user.waitForReply(roomId);
  for (let n = 0; n < most; n++) await user.ask(roomId, `${n} ${hanging}`);
  const regenerate = `/chatroom/${roomId}/messages/${first.body.reply.id}/regenerate`;
  expect(isRefused(await user.call('POST', regenerate))).toBe(true);
  expect(await usedToday()).toBe(most + 1);
});

it('is reported before the daily limit', async () => {
  const roomId = await user.room();
  for (let n = 0; n < most; n++) await user.ask(roomId, `${n} ${hanging}`);
  const sql = sqlOf(running);
  await sql('update daily_usage set used = $1 where user_id = (select id from users where mobile_number = $2)', [
    dailyLimit,
    user.number,
  ]);
  expect(isRefused(await user.ask(roomId, 'Both'))).toBe(true);
  const { body } = await user.call('GET', `/chatroom/${roomId}/messages?include=pending`);
  const unfinished = body.find((one: { status: string }) => one.status === 'queued');
  await cancel(roomId, unfinished.id);
  expect((await user.ask(roomId, 'Only the day')).body.code).toBe('daily_limit_reached');
});

describe.skipIf(!services.postgres || !services.redis)('concurrent questions', () => {
  // PGlite runs one statement at a time.
  it.each([
    ['on the first message of a day', false],
    ['later that day', true],
  ])('never exceed the limit, %s', async (_when, charged) => {
    await using second = await startProduct(place, {
      role: 'api',
      environment: { BASIC_DAILY_LIMIT: String(dailyLimit), UNFINISHED_REPLIES_AT_MOST: String(most) },
    });
    if (charged) {
      const roomId = await user.room();
      await user.ask(roomId, 'Quick');
      await user.waitForReply(roomId);
    }
    const rooms = await Promise.all(Array.from({ length: 30 }, () => user.room()));
    const answers = await Promise.all(
      rooms.map((roomId, n) => {
        const url = n % 2 === 0 ? running.url : second.url;
        const headers: Record<string, string> = n % 3 === 0 ? { 'idempotency-key': randomUUID() } : {};
        const body = { content: `${n} ${hanging}` };
        return user.call('POST', `/chatroom/${roomId}/message`, { body, headers, url });
      }),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(most);
    expect(answers.filter(isRefused)).toHaveLength(30 - most);
    expect(await usedToday()).toBe(most + (charged ? 1 : 0));
  });
});
