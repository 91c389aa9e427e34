/** Faults of the model: transient ones are retried; others fail the reply with a message and a refund. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn, type Client, type EventStream } from '../client.ts';
import { answerText } from '../fakes/gemini-behaviour.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { anyPlace, askAt, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { liveReply } from '../live-reply.ts';
import { sqlOf } from '../sql.ts';

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

let fake: FakeGemini;
let place: Place;
let running: RunningProduct;
let user: Client;
let live: EventStream;
const rooms = new Map<string, { roomId: number; replyId: number }>();

beforeAll(async () => {
  fake = await startFakeGemini();
  place = await anyPlace();
  running = await startProduct(place, { environment: { ...askAt(fake), BASIC_DAILY_LIMIT: '1000' } });
  user = await signIn(running.url);
  live = await user.events();
  // All at once, so that the waits between attempts overlap.
  const questions = [...passing, ...lasting, ...odd].map(([name, sentinel]) => `${name} ${sentinel}`);
  await Promise.all(
    questions.map(async (question) => {
      const roomId = await user.room();
      const { body } = await user.ask(roomId, question);
      rooms.set(question, { roomId, replyId: body.reply.id });
    }),
  );
});
afterAll(async () => {
  await live[Symbol.asyncDispose]();
  await running[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
  await fake[Symbol.asyncDispose]();
});

/** Waits for the end, and returns the stored and the streamed text. */
async function outcomeOf(question: string) {
  const { roomId, replyId } = rooms.get(question)!;
  const stored = await user.waitForReply(roomId, { timeoutMs: 20_000 });
  await live.next((event) => event.message_id === replyId && event.message !== undefined);
  const calls = fake.requests().filter((asked) => asked.question === question);
  return { stored, streamed: liveReply(live.received, replyId), calls };
}

/** Ends the wait after an attempt, if another follows. */
async function due(replyId: number, attempt: number): Promise<void> {
  const sql = sqlOf(running);
  const row = () =>
    sql<{ status: string }>(`select status from replies where message_id = $1 and epoch = $2`, [replyId, attempt]);
  await expect.poll(async () => (await row())[0]?.status).not.toBe('generating');
  await sql(`update replies set next_attempt_at = now() where message_id = $1 and status = 'queued'`, [replyId]);
}

describe('retried until it is answered:', () => {
  it.each(passing)('%s', async (name, sentinel, attempts) => {
    const question = `${name} ${sentinel}`;
    const { stored, streamed, calls } = await outcomeOf(question);
    expect(stored).toMatchObject({ status: 'complete', content: answerText(question), attempt: attempts, code: null });
    expect(streamed).toMatchObject({ text: stored.content, attempt: attempts, resets: attempts - 1 });
    expect(calls).toHaveLength(attempts);
  });
});

describe('failed with a message, without a retry:', () => {
  it.each(lasting)('%s', async (name, sentinel, code) => {
    const { stored, streamed, calls } = await outcomeOf(`${name} ${sentinel}`);
    expect(stored).toMatchObject({ status: 'failed', code, attempt: 1 });
    expect(stored.content).toMatch(/was not counted/);
    expect(streamed.ended).toEqual({ type: 'reply.failed', content: stored.content });
    expect(calls).toHaveLength(1);
  });
});

describe('failed after five calls:', () => {
  it('an empty answer', async () => {
    const asker = await signIn(running.url);
    const roomId = await asker.room();
    const { body } = await asker.ask(roomId, 'Nothing? [[empty]]');
    const calls = () => fake.requests().filter(({ question }) => question === 'Nothing? [[empty]]').length;
    for (let call = 1; call <= 5; call++) {
      await expect.poll(calls, { timeout: 10_000 }).toBe(call);
      // Skips the backoff.
      await due(body.reply.id, call);
    }
    expect(await asker.waitForReply(roomId)).toMatchObject({ status: 'failed', code: 'empty_answer', attempt: 5 });
    expect(calls()).toBe(5);
  });
});

describe('accepted as an answer:', () => {
  it.each(odd)('%s', async (name, sentinel, expected) => {
    const { stored, streamed, calls } = await outcomeOf(`${name} ${sentinel}`);
    expect(stored).toMatchObject({ status: 'complete', ...expected });
    expect(streamed.text).toBe(stored.content);
    expect(calls).toHaveLength(1);
  });
});

it('charges for answers and refunds failures', async () => {
  for (const question of rooms.keys()) await outcomeOf(question);
  const { body } = await user.call('GET', '/user/me');
  expect(body.daily_message_count).toBe(passing.length + odd.length);
});

it("obeys the vendor's Retry-After for every question", async () => {
  const roomId = await user.room();
  const { body } = await user.ask(roomId, 'Too many [[fail:429:2x1]]');
  await live.next((event) => event.type === 'reply.reset' && event.message_id === body.reply.id);
  const other = await user.room();
  await user.ask(other, 'Asked meanwhile');
  await Promise.all([user.waitForReply(roomId), user.waitForReply(other)]);
  const [first, ...later] = fake.requests().filter(({ question }) => /Too many|Asked meanwhile/.test(question));
  expect(later).toHaveLength(2);
  for (const { at } of later) expect(at - first!.at).toBeGreaterThanOrEqual(1900);
});
