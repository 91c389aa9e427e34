/** Faults of the model: transient ones are retried; others fail the reply with a message and a refund. */
import { describe, expect } from 'vitest';
import { signIn } from '../client.ts';
import { answerText } from '../fakes/gemini-behaviour.ts';
import { askingTest } from '../fixtures.ts';
import { liveReply } from '../live-reply.ts';
import type { Sql } from '../sql.ts';

/** Fails at first, then answers. */
const passing = [
  ['an overloaded model', '[[fail:503x2]]', 3],
  ['an internal error', '[[fail:500x1]]', 2],
  ['a time-out of the vendor', '[[fail:504x1]]', 2],
  ['a closed connection', '[[cut:3x1]]', 2],
  ['a reset connection', '[[reset:3x1]]', 2],
  ['a connection reset before the first byte', '[[reset:0x1]]', 2],
  ['a stream that ends unfinished', '[[end:3x1]]', 2],
  ['a stream that ends inside an event', '[[half:3x1]]', 2],
  ['an event that is not JSON', '[[malformed:3x1]]', 2],
  ['an error sent as an event', '[[error:3x1]]', 2],
  ['an empty answer', '[[emptyx1]]', 2],
] as const;

/** Permanent failures. */
const lasting = [
  ['a refused request', '[[fail:400]]', 'request_refused'],
  ['a refused key', '[[badkey]]', 'model_misconfigured'],
  ['a forbidden model', '[[fail:403]]', 'model_misconfigured'],
  ['a blocked question', '[[block:PROHIBITED_CONTENT]]', 'safety_blocked'],
  ['an answer blocked half-way', '[[finish:SAFETY]]', 'safety_blocked'],
  ['an answer that recites', '[[finish:RECITATION]]', 'safety_blocked'],
] as const;

/** Unusual, but an answer. */
const odd = [
  ['cut short at the length limit', '[[finish:MAX_TOKENS]]', { truncated: true }],
  ['with thoughts, which are left out', '[[thinking]]', { content: 'Thought over.' }],
  ['with a character split over two chunks', '[[surrogates]]', { content: 'grin \u{1F600} done' }],
  ['with NUL, which no database takes', '[[nul]]', { content: 'abc' }],
] as const;

const it = askingTest({ environment: { BASIC_DAILY_LIMIT: '1000' } })
  // Asks all questions at once, so that the waits between attempts overlap.
  .extend('asked', { scope: 'file' }, async ({ url }, { onCleanup }) => {
    const asker = await signIn(url);
    const live = await asker.events();
    onCleanup(() => live[Symbol.asyncDispose]());
    const rooms = new Map<string, { roomId: number; replyId: number }>();
    const questions = [...passing, ...lasting, ...odd].map(([name, sentinel]) => `${name} ${sentinel}`);
    await Promise.all(
      questions.map(async (question) => {
        const roomId = await asker.room();
        const { body } = await asker.ask(roomId, question);
        rooms.set(question, { roomId, replyId: body.reply.id });
      }),
    );
    return { asker, live, rooms };
  })
  // Waits for the end, and returns the stored and the streamed text.
  .extend('outcomeOf', ({ gemini, asked }) => async (question: string) => {
    const { asker, live, rooms } = asked;
    const { roomId, replyId } = rooms.get(question)!;
    const stored = await asker.waitForReply(roomId, { timeoutMs: 20_000 });
    await live.next((event) => event.message_id === replyId && event.message !== undefined);
    const calls = gemini.requests().filter((request) => request.question === question);
    return { stored, streamed: liveReply(live.received, replyId), calls };
  });
it.beforeAll(({ asked }) => void asked);

/** Ends the wait after an attempt, if another follows. */
async function due(sql: Sql, replyId: number, attempt: number): Promise<void> {
  const row = () =>
    sql<{ status: string }>(`select status from replies where message_id = $1 and epoch = $2`, [replyId, attempt]);
  await expect.poll(async () => (await row())[0]?.status).not.toBe('generating');
  await sql(`update replies set next_attempt_at = now() where message_id = $1 and status = 'queued'`, [replyId]);
}

describe('retried until it is answered:', () => {
  it.for(passing)('%s', async ([name, sentinel, attempts], { outcomeOf }) => {
    const question = `${name} ${sentinel}`;
    const { stored, streamed, calls } = await outcomeOf(question);
    expect(stored).toMatchObject({ status: 'complete', content: answerText(question), attempt: attempts, code: null });
    expect(streamed).toMatchObject({ text: stored.content, attempt: attempts, resets: attempts - 1 });
    expect(calls).toHaveLength(attempts);
  });
});

describe('failed with a message, without a retry:', () => {
  it.for(lasting)('%s', async ([name, sentinel, code], { outcomeOf }) => {
    const { stored, streamed, calls } = await outcomeOf(`${name} ${sentinel}`);
    expect(stored).toMatchObject({ status: 'failed', code, attempt: 1 });
    expect(stored.content).toMatch(/was not counted/);
    expect(streamed.ended).toEqual({ type: 'reply.failed', content: stored.content });
    expect(calls).toHaveLength(1);
  });
});

describe('failed after five calls:', () => {
  it('an empty answer', async ({ gemini, sql, user }) => {
    const roomId = await user.room();
    const { body } = await user.ask(roomId, 'Nothing? [[empty]]');
    const calls = () => gemini.requests().filter(({ question }) => question === 'Nothing? [[empty]]').length;
    for (let call = 1; call <= 5; call++) {
      await expect.poll(calls, { timeout: 10_000 }).toBe(call);
      // Skips the backoff.
      await due(sql, body.reply.id, call);
    }
    expect(await user.waitForReply(roomId)).toMatchObject({ status: 'failed', code: 'empty_answer', attempt: 5 });
    expect(calls()).toBe(5);
  });
});

describe('accepted as an answer:', () => {
  it.for(odd)('%s', async ([name, sentinel, expected], { outcomeOf }) => {
    const { stored, streamed, calls } = await outcomeOf(`${name} ${sentinel}`);
    expect(stored).toMatchObject({ status: 'complete', ...expected });
    expect(streamed.text).toBe(stored.content);
    expect(calls).toHaveLength(1);
  });
});

it('charges for answers and refunds failures', async ({ asked, outcomeOf }) => {
  for (const question of asked.rooms.keys()) await outcomeOf(question);
  const { body } = await asked.asker.call('GET', '/user/me');
  expect(body.daily_message_count).toBe(passing.length + odd.length);
});

it("obeys the vendor's Retry-After for every question", async ({ gemini, user }) => {
  await using live = await user.events();
  const roomId = await user.room();
  const { body } = await user.ask(roomId, 'Too many [[fail:429:2x1]]');
  await live.next((event) => event.type === 'reply.reset' && event.message_id === body.reply.id);
  const other = await user.room();
  await user.ask(other, 'Asked meanwhile');
  await Promise.all([user.waitForReply(roomId), user.waitForReply(other)]);
  const [first, ...later] = gemini.requests().filter(({ question }) => /Too many|Asked meanwhile/.test(question));
  expect(later).toHaveLength(2);
  for (const { at } of later) expect(at - first!.at).toBeGreaterThanOrEqual(1900);
});
