/** Cancelling and regenerating a reply. */
import { describe, expect } from 'vitest';
import { signIn, type Client, type EventStream } from '../client.ts';
import { answerText } from '../fakes/gemini-behaviour.ts';
import { askingTest } from '../fixtures.ts';
import { liveReply } from '../live-reply.ts';

const it = askingTest({ environment: { BASIC_DAILY_LIMIT: '1000' } }).extend(
  'live',
  async ({ user }, { onCleanup }) => {
    const live = await user.events();
    onCleanup(() => live[Symbol.asyncDispose]());
    return live;
  },
);

const usedToday = async (user: Client) => (await user.call('GET', '/user/me')).body.daily_message_count;
const cancel = (user: Client, roomId: number, id: number) =>
  user.call('POST', `/chatroom/${roomId}/messages/${id}/cancel`);
const regenerate = (user: Client, roomId: number, id: number) =>
  user.call('POST', `/chatroom/${roomId}/messages/${id}/regenerate`);
const read = async (user: Client, roomId: number, id: number) =>
  (await user.call('GET', `/chatroom/${roomId}/messages/${id}`)).body;
const ended = (live: EventStream, id: number, type: string) =>
  live.next((event) => event.type === type && event.message_id === id);

/** Asks and returns the ids of question and reply. */
async function ask(user: Client, roomId: number, question: string): Promise<{ id: number; replyId: number }> {
  const { body } = await user.ask(roomId, question);
  return { id: body.id, replyId: body.reply.id };
}

describe('cancelling', () => {
  it('a streaming reply keeps its text, and ends the call to the model', async ({ gemini, live, user }) => {
    const roomId = await user.room();
    const question = 'Stop me [[chunks:200]][[delay:30]]';
    const { replyId } = await ask(user, roomId, question);
    await live.next((event) => event.type === 'reply.delta' && event.message_id === replyId && event.offset > 50);
    expect(await cancel(user, roomId, replyId)).toMatchObject({ status: 202, body: { id: replyId } });
    await ended(live, replyId, 'reply.cancelled');
    const stored = await read(user, roomId, replyId);
    const model = 'gemini-3.5-flash-lite';
    expect(stored).toMatchObject({ status: 'cancelled', code: null, truncated: false, model });
    expect(liveReply(live.received, replyId)).toMatchObject({
      text: stored.content,
      ended: { content: stored.content },
    });
    expect(stored.content.length).toBeGreaterThan(50);
    expect(answerText(question, 200).startsWith(stored.content)).toBe(true);
    await expect.poll(() => gemini.requests().find((one) => one.question === question)?.closedByClient).toBe(true);
    expect((await user.call('GET', `/chatroom/${roomId}/messages`)).body.at(-1)).toEqual(stored);
  });

  it('a queued reply ends it without a call to the model, and lets the next question of the room begin', async ({
    gemini,
    live,
    user,
  }) => {
    const roomId = await user.room();
    const first = await ask(user, roomId, 'Busy [[first:1500]]');
    const second = await ask(user, roomId, 'Never asked of the model');
    const third = await ask(user, roomId, 'Asked of the model');
    expect(await cancel(user, roomId, second.replyId)).toMatchObject({ status: 202, body: { status: 'cancelled' } });
    expect(await read(user, roomId, second.replyId)).toMatchObject({ status: 'cancelled', content: '', model: null });
    await ended(live, second.replyId, 'reply.cancelled');
    await ended(live, third.replyId, 'reply.completed');
    expect((await read(user, roomId, first.replyId)).status).toBe('complete');
    expect(gemini.requests().some(({ question }) => question === 'Never asked of the model')).toBe(false);
  });

  it('a reply that waits for its next attempt ends it at once', async ({ live, user }) => {
    const roomId = await user.room();
    const { replyId } = await ask(user, roomId, 'Overloaded [[fail:503]]');
    // By then the wait is at least a second.
    await live.next((event) => event.type === 'reply.reset' && event.message_id === replyId && event.attempt === 3);
    expect(await cancel(user, roomId, replyId)).toMatchObject({ status: 202, body: { status: 'cancelled' } });
    expect((await read(user, roomId, replyId)).status).toBe('cancelled');
  });

  it('a reply whose attempt fails at the same moment prevents a retry', async ({ gemini, live, user }) => {
    const roomId = await user.room();
    const question = 'Breaks off [[chunks:30]][[delay:20]][[cut:10]]';
    const { replyId } = await ask(user, roomId, question);
    await live.next((event) => event.type === 'reply.delta' && event.message_id === replyId);
    expect((await cancel(user, roomId, replyId)).status).toBe(202);
    await ended(live, replyId, 'reply.cancelled');
    const stored = await read(user, roomId, replyId);
    expect(stored).toMatchObject({ status: 'cancelled', attempt: 1 });
    expect(liveReply(live.received, replyId)).toMatchObject({ text: stored.content, resets: 0 });
    expect(gemini.requests().filter((asked) => asked.question === question)).toHaveLength(1);
  });

  it('twice has no further effect; a finished reply, a question or another user is refused', async ({
    live,
    url,
    user,
  }) => {
    const roomId = await user.room();
    const { id, replyId } = await ask(user, roomId, 'Slow [[first:3000]]');
    for (const answer of [await cancel(user, roomId, replyId), await cancel(user, roomId, replyId)])
      expect(answer.status).toBe(202);
    await ended(live, replyId, 'reply.cancelled');
    expect(await cancel(user, roomId, replyId)).toMatchObject({ status: 202, body: { status: 'cancelled' } });
    const finished = await ask(user, roomId, 'Quick');
    await ended(live, finished.replyId, 'reply.completed');
    expect(await cancel(user, roomId, finished.replyId)).toMatchObject({
      status: 409,
      body: { code: 'reply_finished' },
    });
    expect((await cancel(user, roomId, id)).status).toBe(404);
    expect((await cancel(user, await user.room(), replyId)).status).toBe(404);
    const stranger = await signIn(url);
    for (const verb of ['cancel', 'regenerate']) {
      const refused = await stranger.call('POST', `/chatroom/${roomId}/messages/${replyId}/${verb}`);
      expect(refused.status).toBe(404);
    }
  });
});

describe('regenerating', () => {
  it('creates another reply to the same question, charged as a message, and keeps the first', async ({
    gemini,
    live,
    user,
  }) => {
    const roomId = await user.room();
    const { id, replyId } = await ask(user, roomId, 'Once more');
    await ended(live, replyId, 'reply.completed');
    const used = await usedToday(user);
    const again = await regenerate(user, roomId, replyId);
    expect(again).toMatchObject({ status: 202, body: { id, content: 'Once more', reply: { status: 'queued' } } });
    expect(again.headers.get('location')).toBe(`/chatroom/${roomId}/messages/${again.body.reply.id}`);
    await ended(live, again.body.reply.id, 'reply.completed');
    expect(await usedToday(user)).toBe(used + 1);
    const { body: room } = await user.call('GET', `/chatroom/${roomId}/messages`);
    expect(room.map((one: { id: number }) => one.id)).toEqual([id, again.body.reply.id]);
    expect(room.at(-1).versions).toEqual([replyId, again.body.reply.id]);
    const { body: before } = await user.call('GET', `/chatroom/${roomId}/messages?through=${replyId}`);
    expect(before.map((one: { id: number }) => one.id)).toEqual([id, replyId]);
    const asked = gemini.requests().filter(({ question }) => question === 'Once more');
    expect(asked.map(({ contents }) => contents.length)).toEqual([1, 1]);
  });

  it('uses the newest reply as context of later questions', async ({ gemini, live, user }) => {
    const roomId = await user.room();
    const { replyId } = await ask(user, roomId, 'Which one counts? [[fail:400x1]]');
    await ended(live, replyId, 'reply.failed');
    const again = await regenerate(user, roomId, replyId);
    await ended(live, again.body.reply.id, 'reply.completed');
    const next = await ask(user, roomId, 'Go on');
    await ended(live, next.replyId, 'reply.completed');
    const asked = gemini.requests().findLast(({ question }) => question === 'Go on')!;
    expect(asked.contents.map(({ role }) => role)).toEqual(['user', 'model', 'user']);
  });

  it('is refused while the reply is generating', async ({ user }) => {
    const roomId = await user.room();
    const { replyId } = await ask(user, roomId, 'Not yet [[first:2000]]');
    expect(await regenerate(user, roomId, replyId)).toMatchObject({ status: 409, body: { code: 'reply_unfinished' } });
    await cancel(user, roomId, replyId);
  });

  it('counts against the daily limit', async ({ sql, url }) => {
    const other = await signIn(url);
    const roomId = await other.room();
    await other.ask(roomId, 'The last one');
    const { id } = await other.waitForReply(roomId);
    await sql(`update daily_usage set used = 1000 where user_id = (select id from users where mobile_number = $1)`, [
      other.number,
    ]);
    const refused = await other.call('POST', `/chatroom/${roomId}/messages/${id}/regenerate`);
    expect(refused).toMatchObject({ status: 429, body: { code: 'daily_limit_reached' } });
    expect((await other.call('GET', `/chatroom/${roomId}/messages?include=pending`)).body).toHaveLength(2);
  });
});
