/** The number of refunds a day is limited; a failed reply says when it stays charged. */
import { expect } from 'vitest';
import type { Client } from '../client.ts';
import { askingTest } from '../fixtures.ts';

const refundsDaily = 3;
const dailyLimit = 10;
const notCounted = /This message was not counted\./;
const counted = /This message was counted, because too many have failed today\./;

const it = askingTest({
  environment: { BASIC_DAILY_LIMIT: String(dailyLimit), REFUNDS_DAILY: String(refundsDaily) },
});

const usedToday = async (user: Client) => (await user.call('GET', '/user/me')).body.daily_message_count;

/** Asks in a new room. */
async function ask(user: Client, content: string) {
  const roomId = await user.room();
  const { body, status } = await user.ask(roomId, content);
  return { roomId, status, replyId: body.reply?.id as number };
}

it('refunds the first failures of a day and leaves the others charged', async ({ user }) => {
  await using live = await user.events();
  for (let n = 1; n <= refundsDaily + 2; n++) {
    const { roomId, replyId } = await ask(user, `Refused ${n} [[block:SAFETY]]`);
    const { event } = await live.next((one) => one.type === 'reply.failed' && one.message_id === replyId);
    const charged = n > refundsDaily;
    const content = expect.stringMatching(charged ? counted : notCounted);
    expect(event).toMatchObject({ message: { charged, content, code: 'safety_blocked' } });
    expect(await user.waitForReply(roomId)).toMatchObject({ charged, content });
  }
  expect(await usedToday(user)).toBe(2);
  const { roomId } = await ask(user, 'A good one');
  expect(await user.waitForReply(roomId)).toMatchObject({ status: 'complete', charged: true });
  const { body } = await user.call('GET', `/chatroom/${roomId}/messages`);
  expect(body[0]).toMatchObject({ is_from_user: true, charged: null });
});

it('bounds the calls for any number of refused questions', async ({ gemini, user }) => {
  const content = 'Refused again and again [[block:SAFETY]]';
  const statuses: number[] = [];
  for (let n = 0; n < 20; n++) {
    const { status, roomId } = await ask(user, content);
    statuses.push(status);
    if (status === 202) await user.waitForReply(roomId);
  }
  expect(statuses.filter((status) => status === 202)).toHaveLength(dailyLimit + refundsDaily);
  expect(gemini.requests().filter(({ question }) => question === content)).toHaveLength(dailyLimit + refundsDaily);
});

it('refunds no more than that when many fail at once, in separate transactions or in one', async ({
  running,
  sql,
  user,
}) => {
  await sql(`insert into model_pauses values ($1, now() + interval '1 minute')`, [running.product.parts.models.ids[0]]);
  const asked = await Promise.all(Array.from({ length: 6 }, (_, n) => ask(user, `Together ${n} [[block:SAFETY]]`)));
  asked.sort((a, b) => a.replyId - b.replyId);
  const ids = asked.map(({ replyId }) => replyId);
  await sql(`update replies set deadline_at = now() - interval '1 second' where message_id = any ($1::bigint[])`, [
    ids.slice(0, 4),
  ]);
  for (const { roomId } of asked.slice(0, 4)) await user.waitForReply(roomId);
  expect(await usedToday(user)).toBe(6 - refundsDaily);
  await sql('delete from model_pauses');
  for (const { roomId } of asked) await user.waitForReply(roomId);
  expect(await usedToday(user)).toBe(6 - refundsDaily);
  const charged = await sql<{ id: number }>(
    `select message_id as id from replies where message_id = any ($1::bigint[]) and charged_on is not null order by 1`,
    [ids],
  );
  expect(charged.map(({ id }) => id)).toEqual(ids.slice(refundsDaily));
});
