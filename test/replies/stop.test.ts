/** Cancelling and regenerating a reply. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn, type Client, type EventStream } from '../client.ts';
import { answerText } from '../fakes/gemini-behaviour.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { anyPlace, askAt, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { liveReply } from '../live-reply.ts';
import { sqlOf } from '../sql.ts';

let fake: FakeGemini;
let place: Place;
let running: RunningProduct;
let user: Client;
let live: EventStream;

beforeAll(async () => {
  fake = await startFakeGemini();
  place = await anyPlace();
  running = await startProduct(place, { environment: { ...askAt(fake), BASIC_DAILY_LIMIT: '1000' } });
  user = await signIn(running.url);
  live = await user.events();
});
afterAll(async () => {
  await live[Symbol.asyncDispose]();
  await running[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
  await fake[Symbol.asyncDispose]();
});

const usedToday = async () => (await user.call('GET', '/user/me')).body.daily_message_count;
const cancel = (roomId: number, id: number) => user.call('POST', `/chatroom/${roomId}/messages/${id}/cancel`);
const regenerate = (roomId: number, id: number) => user.call('POST', `/chatroom/${roomId}/messages/${id}/regenerate`);
const read = async (roomId: number, id: number) => (await user.call('GET', `/chatroom/${roomId}/messages/${id}`)).body;
const ended = (id: number, type: string) => live.next((event) => event.type === type && event.message_id === id);

/** Asks and returns the ids of question and reply. */
async function ask(roomId: number, question: string): Promise<{ id: number; replyId: number }> {
  const { body } = await user.ask(roomId, question);
  return { id: body.id, replyId: body.reply.id };
}

describe('cancelling', () => {
  it('a streaming reply keeps its text, and ends the call to the model', async () => {
    const roomId = await user.room();
    const question = 'Stop me [[chunks:200]][[delay:30]]';
    const { replyId } = await ask(roomId, question);
    await live.next((event) => event.type === 'reply.delta' && event.message_id === replyId && event.offset > 50);
    expect(await cancel(roomId, replyId)).toMatchObject({ status: 202, body: { id: replyId } });
    await ended(replyId, 'reply.cancelled');
    const stored = await read(roomId, replyId);
    const model = 'gemini-3.5-flash-lite';
    expect(stored).toMatchObject({ status: 'cancelled', code: null, truncated: false, model });
    expect(liveReply(live.received, replyId)).toMatchObject({
      text: stored.content,
      ended: { content: stored.content },
    });
    expect(stored.content.length).toBeGreaterThan(50);
    expect(answerText(question, 200).startsWith(stored.content)).toBe(true);
    await expect.poll(() => fake.requests().find((one) => one.question === question)?.closedByClient).toBe(true);
    expect((await user.call('GET', `/chatroom/${roomId}/messages`)).body.at(-1)).toEqual(stored);
  });

  it('a queued reply ends it without a call to the model, and lets the next question of the room begin', async () => {
    const roomId = await user.room();
    const first = await ask(roomId, 'Busy [[first:1500]]');
    const second = await ask(roomId, 'Never asked of the model');
    const third = await ask(roomId, 'Asked of the model');
    expect(await cancel(roomId, second.replyId)).toMatchObject({ status: 202, body: { status: 'cancelled' } });
    expect(await read(roomId, second.replyId)).toMatchObject({ status: 'cancelled', content: '', model: null });
    await ended(second.replyId, 'reply.cancelled');
    await ended(third.replyId, 'reply.completed');
    expect((await read(roomId, first.replyId)).status).toBe('complete');
    expect(fake.requests().some(({ question }) => question === 'Never asked of the model')).toBe(false);
  });

  it('a reply that waits for its next attempt ends it at once', async () => {
    const roomId = await user.room();
    const { replyId } = await ask(roomId, 'Overloaded [[fail:503]]');
    // By then the wait is at least a second.
    await live.next((event) => event.type === 'reply.reset' && event.message_id === replyId && event.attempt === 3);
    expect(await cancel(roomId, replyId)).toMatchObject({ status: 202, body: { status: 'cancelled' } });
    expect((await read(roomId, replyId)).status).toBe('cancelled');
  });

  it('a reply whose attempt fails at the same moment prevents a retry', async () => {
    const roomId = await user.room();
    const question = 'Breaks off [[chunks:30]][[delay:20]][[cut:10]]';
    const { replyId } = await ask(roomId, question);
    await live.next((event) => event.type === 'reply.delta' && event.message_id === replyId);
    expect((await cancel(roomId, replyId)).status).toBe(202);
    await ended(replyId, 'reply.cancelled');
    const stored = await read(roomId, replyId);
    expect(stored).toMatchObject({ status: 'cancelled', attempt: 1 });
    expect(liveReply(live.received, replyId)).toMatchObject({ text: stored.content, resets: 0 });
    expect(fake.requests().filter((asked) => asked.question === question)).toHaveLength(1);
  });

  it('twice has no further effect; a finished reply, a question or another user is refused', async () => {
    const roomId = await user.room();
    const { id, replyId } = await ask(roomId, 'Slow [[first:3000]]');
    for (const answer of [await cancel(roomId, replyId), await cancel(roomId, replyId)])
      expect(answer.status).toBe(202);
    await ended(replyId, 'reply.cancelled');
    expect(await cancel(roomId, replyId)).toMatchObject({ status: 202, body: { status: 'cancelled' } });
    const finished = await ask(roomId, 'Quick');
    await ended(finished.replyId, 'reply.completed');
    expect(await cancel(roomId, finished.replyId)).toMatchObject({ status: 409, body: { code: 'reply_finished' } });
    expect((await cancel(roomId, id)).status).toBe(404);
    expect((await cancel(await user.room(), replyId)).status).toBe(404);
    const stranger = await signIn(running.url);
    for (const verb of ['cancel', 'regenerate']) {
      const refused = await stranger.call('POST', `/chatroom/${roomId}/messages/${replyId}/${verb}`);
      expect(refused.status).toBe(404);
    }
  });
});

describe('regenerating', () => {
  it('creates another reply to the same question, charged as a message, and keeps the first', async () => {
    const roomId = await user.room();
    const { id, replyId } = await ask(roomId, 'Once more');
    await ended(replyId, 'reply.completed');
    const used = await usedToday();
    const again = await regenerate(roomId, replyId);
    expect(again).toMatchObject({ status: 202, body: { id, content: 'Once more', reply: { status: 'queued' } } });
    expect(again.headers.get('location')).toBe(`/chatroom/${roomId}/messages/${again.body.reply.id}`);
    await ended(again.body.reply.id, 'reply.completed');
    expect(await usedToday()).toBe(used + 1);
    const { body: room } = await user.call('GET', `/chatroom/${roomId}/messages`);
    expect(room.map((one: { id: number }) => one.id)).toEqual([id, again.body.reply.id]);
    expect(room.at(-1).versions).toEqual([replyId, again.body.reply.id]);
    const { body: before } = await user.call('GET', `/chatroom/${roomId}/messages?through=${replyId}`);
    expect(before.map((one: { id: number }) => one.id)).toEqual([id, replyId]);
    const asked = fake.requests().filter(({ question }) => question === 'Once more');
    expect(asked.map(({ contents }) => contents.length)).toEqual([1, 1]);
  });

  it('uses the newest reply as context of later questions', async () => {
    const roomId = await user.room();
    const { replyId } = await ask(roomId, 'Which one counts? [[fail:400x1]]');
    await ended(replyId, 'reply.failed');
    const again = await regenerate(roomId, replyId);
    await ended(again.body.reply.id, 'reply.completed');
    const next = await ask(roomId, 'Go on');
    await ended(next.replyId, 'reply.completed');
    const asked = fake.requests().findLast(({ question }) => question === 'Go on')!;
    expect(asked.contents.map(({ role }) => role)).toEqual(['user', 'model', 'user']);
  });

  it('is refused while the reply is generating', async () => {
    const roomId = await user.room();
    const { replyId } = await ask(roomId, 'Not yet [[first:2000]]');
    expect(await regenerate(roomId, replyId)).toMatchObject({ status: 409, body: { code: 'reply_unfinished' } });
    await cancel(roomId, replyId);
  });

  it('counts against the daily limit', async () => {
    const other = await signIn(running.url);
    const roomId = await other.room();
    await other.ask(roomId, 'The last one');
    const { id } = await other.waitForReply(roomId);
    await sqlOf(running)(
      `update daily_usage set used = 1000 where user_id = (select id from users where mobile_number = $1)`,
      [other.number],
    );
    const refused = await other.call('POST', `/chatroom/${roomId}/messages/${id}/regenerate`);
    expect(refused).toMatchObject({ status: 429, body: { code: 'daily_limit_reached' } });
    expect((await other.call('GET', `/chatroom/${roomId}/messages?include=pending`)).body).toHaveLength(2);
  });
});
