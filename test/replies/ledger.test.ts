/** Every call to the model is in the ledger once, with the vendor's count or an estimate marked as such. */
import { describe, expect } from 'vitest';
import type { Client } from '../client.ts';
import { answerText } from '../fakes/gemini-behaviour.ts';
import { askingTest } from '../fixtures.ts';
import type { Sql } from '../sql.ts';

const it = askingTest();

interface Entry {
  readonly attempt: number;
  readonly prompt: number;
  readonly answer: number;
  readonly cost: number;
  readonly estimate: boolean;
}

/** Those of one reply, oldest first. */
const entriesOf = (sql: Sql, replyId: number) =>
  sql<Entry>(
    `select attempt, prompt_tokens as prompt, answer_tokens as answer, cost_micros::int as cost, is_estimate as estimate
      from usage_entries where message_id = $1 and purpose = 'reply' order by id`,
    [replyId],
  );

/** Dollars for a million tokens: 0.30 read, 2.50 written. */
const costOf = (prompt: number, answer: number) => Math.floor((prompt * 3 + answer * 25 + 5) / 10);
const tokens = (text: string) => Math.ceil(text.length / 4);

async function ask(user: Client, question: string) {
  const roomId = await user.room();
  const { body } = await user.ask(roomId, question);
  return { roomId, questionId: body.id as number, replyId: body.reply.id as number };
}

async function answered(user: Client, question: string) {
  const { roomId, questionId, replyId } = await ask(user, question);
  return { replyId, reply: await user.waitForReply(roomId, { messageId: questionId }) };
}

describe('a call', () => {
  it("that is finished is recorded with the vendor's count, and shown by day", async ({ user, sql }) => {
    const question = 'What does it cost?';
    const { replyId } = await answered(user, question);
    const [prompt, answer] = [tokens(question), tokens(answerText(question))];
    expect(await entriesOf(sql, replyId)).toEqual([
      { attempt: 1, prompt, answer, cost: costOf(prompt, answer), estimate: false },
    ]);
    const [row] = await sql(`select tier, model, asked_model, name from usage_entries where message_id = $1`, [
      replyId,
    ]);
    expect(row).toEqual({
      tier: 'Basic',
      model: 'gemini-3.5-flash-lite',
      asked_model: 'gemini-3.5-flash-lite',
      name: 'fake',
    });
    const { body: days } = await user.call('GET', '/user/usage?days=3');
    expect(days).toHaveLength(3);
    expect(days.slice(0, 2)).toMatchObject([
      { messages: 0, prompt_tokens: 0 },
      { messages: 0, answer_tokens: 0 },
    ]);
    expect(days[2]).toEqual({ date: days[2].date, messages: 1, prompt_tokens: prompt, answer_tokens: answer });
    for (const days of ['0', '367', 'all']) {
      expect((await user.call('GET', `/user/usage?days=${days}`)).status).toBe(422);
    }
  });

  it('that fails in the middle is recorded as an estimate, and its retry separately', async ({ user, sql }) => {
    const { replyId } = await answered(user, 'Why? [[cut:3x1]]');
    const [first, second, ...more] = await entriesOf(sql, replyId);
    expect(first).toMatchObject({ attempt: 1, estimate: true });
    expect(first!.answer).toBeGreaterThan(0);
    expect(first!.cost).toBe(costOf(first!.prompt, first!.answer));
    expect(second).toMatchObject({ attempt: 2, estimate: false });
    expect(more).toEqual([]);
  });

  it('that the vendor refuses is not recorded', async ({ user, sql }) => {
    const { replyId } = await answered(user, 'Why? [[fail:503x1]]');
    expect(await entriesOf(sql, replyId)).toMatchObject([{ attempt: 2, estimate: false }]);
    const refused = await answered(user, 'Why? [[fail:400]]');
    expect(refused.reply.status).toBe('failed');
    expect(await entriesOf(sql, refused.replyId)).toEqual([]);
  });

  it("that is blocked is recorded with the vendor's count, and the message is refunded", async ({ user, sql }) => {
    const { replyId } = await answered(user, 'Why? [[block:PROHIBITED_CONTENT]]');
    expect(await entriesOf(sql, replyId)).toMatchObject([{ prompt: 1, answer: 0, estimate: false }]);
    const halfWay = await answered(user, 'Why? [[finish:SAFETY]]');
    expect(await entriesOf(sql, halfWay.replyId)).toMatchObject([{ attempt: 1, estimate: false }]);
    expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(0);
  });

  it('that is cancelled is recorded once, with the text so far', async ({ user, sql }) => {
    await using feed = await user.events();
    const { roomId, replyId } = await ask(user, 'Why? [[drip:20]]');
    await feed.next(({ type, message_id }) => type === 'reply.delta' && message_id === replyId);
    await user.call('POST', `/chatroom/${roomId}/messages/${replyId}/cancel`);
    const { event } = await feed.next(({ type, message_id }) => type === 'reply.cancelled' && message_id === replyId);
    const { content } = (event as { message: { content: string } }).message;
    expect(await entriesOf(sql, replyId)).toMatchObject([{ estimate: true, answer: tokens(content) }]);
  });

  it('of a worker that died is recorded as an estimate by the one that takes over', async ({ user, sql }) => {
    await using feed = await user.events();
    const { roomId, questionId, replyId } = await ask(user, 'Why? [[hang:3x1]]');
    const checkpointed = () => sql(`select from replies where message_id = $1 and text is not null`, [replyId]);
    await expect.poll(async () => (await checkpointed()).length, { timeout: 10_000 }).toBe(1);
    await sql(`update replies set worker_id = gen_random_uuid() where message_id = $1`, [replyId]);
    await feed.next(({ type, message_id }) => type === 'reply.reset' && message_id === replyId);
    await user.waitForReply(roomId, { messageId: questionId });
    const [first, second, ...more] = await entriesOf(sql, replyId);
    expect(first).toMatchObject({ attempt: 1, estimate: true });
    expect(first!.answer).toBeGreaterThan(0);
    expect(first!.cost).toBe(costOf(first!.prompt, first!.answer));
    expect(second).toMatchObject({ attempt: 2, estimate: false });
    expect(more).toEqual([]);
  });

  it("for a title is recorded with the vendor's count", async ({ user, sql }) => {
    const { body: room } = await user.call('POST', '/chatroom', { body: {} });
    await user.ask(room.id, 'What is the tallest mountain in Africa?');
    const titles = () =>
      sql<{ cost: number }>(
        `select cost_micros::int as cost from usage_entries join users on users.id = user_id
          where mobile_number = $1 and purpose = 'title' and not is_estimate`,
        [user.number],
      );
    await expect.poll(async () => (await titles()).length, { timeout: 10_000 }).toBe(1);
    expect((await titles())[0]!.cost).toBeGreaterThan(0);
  });
});
