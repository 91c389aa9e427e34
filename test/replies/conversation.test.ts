/** What of a conversation the model gets to see, and that no conversation is too large. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { textOf, textTurn } from '../../server/ports/model.ts';
import { readPrompts } from '../../server/replies/prompt-store.ts';
import { signIn, type Client } from '../client.ts';
import { answerText } from '../fakes/gemini-behaviour.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { anyPlace, askAt, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { sqlOf, type Sql } from '../sql.ts';

let fake: FakeGemini;
let place: Place;
let running: RunningProduct;
let user: Client;
let roomId: number;
let sql: Sql;

beforeAll(async () => {
  fake = await startFakeGemini();
  place = await anyPlace();
  running = await startProduct(place, { environment: { ...askAt(fake), BASIC_DAILY_LIMIT: '1000' } });
  sql = sqlOf(running);
  user = await signIn(running.url);
});
afterAll(async () => {
  await running[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
  await fake[Symbol.asyncDispose]();
});
beforeEach(async () => {
  roomId = await user.room();
});

/** Writes a conversation as it happened, `['q1', 'a1', 'q2']`; what begins with `a` answers the question before it. */
async function write(texts: readonly string[]): Promise<number[]> {
  const ids: number[] = [];
  for (const text of texts) ids.push(await add(text, text.startsWith('a') ? ids.at(-1)! : null));
  return ids;
}

async function add(content: string, inReplyTo: number | null): Promise<number> {
  const [row] = await sql<{ id: number }>(
    `insert into messages (chatroom_id, user_id, is_from_user, content, parent_id)
     select id, user_id, $3::bigint is null, $2, $3::bigint from chatrooms where id = $1 returning id`,
    [roomId, content, inReplyTo],
  );
  return row!.id;
}

async function promptOf(questionId: number, budget = 1000): Promise<string[]> {
  const prompts = await readPrompts(running.product.parts.db, [{ roomId, questionId }], budget);
  return prompts.get(questionId)!.map(textOf);
}

const prompts = () => fake.requests().map(({ contents }) => contents.map(({ parts }) => parts[0]!.text));

describe('the prompt', () => {
  it('is the conversation in order, ending with the question', async () => {
    const ids = await write(['q1', 'a1', 'q2']);
    const { db } = running.product.parts;
    expect((await readPrompts(db, [{ roomId, questionId: ids[2]! }], 1000)).get(ids[2]!)).toEqual([
      textTurn('user', 'q1'),
      textTurn('model', 'a1'),
      textTurn('user', 'q2'),
    ]);
    expect(await promptOf(ids[0]!)).toEqual(['q1']);
  });

  it('keeps the newest turns that fit, and nothing older than the first that does not', async () => {
    const ids = await write(['q1', 'a1', `q${'x'.repeat(400)}`, 'a2', 'q3', 'a3', 'q4']);
    expect(await promptOf(ids.at(-1)!, 50)).toEqual(['q3', 'a3', 'q4']);
  });

  it('never begins with an answer whose question did not fit', async () => {
    const ids = await write(['q1', 'a1', 'q2']);
    // Each counts a token for its text and four for being a turn.
    expect(await promptOf(ids[2]!, 10)).toEqual(['q2']);
    expect(await promptOf(ids[2]!, 14)).toEqual(['q2']);
    expect(await promptOf(ids[2]!, 15)).toEqual(['q1', 'a1', 'q2']);
  });

  it('counts bytes, so that other scripts weigh more', async () => {
    const ids = await write(['q漢字漢字', 'q2']);
    expect(await promptOf(ids[1]!, 5 + 7)).toEqual(['q2']);
    expect(await promptOf(ids[1]!, 5 + 8)).toEqual(['q漢字漢字', 'q2']);
  });

  it('holds the question, however small the budget', async () => {
    const long = `q${'x'.repeat(31_999)}`;
    const ids = await write(['q1', 'a1', long]);
    expect(await promptOf(ids[2]!, 100)).toEqual([long]);
  });

  it('takes the newest of several answers, in the place of its question', async () => {
    const [first, , second] = await write(['q1', 'a1', 'q2', 'a2']);
    await add('a1 again', first!);
    const third = await add('q3', null);
    expect(await promptOf(third)).toEqual(['q1', 'a1 again', 'q2', 'a2', 'q3']);
    expect(await promptOf(second!)).toEqual(['q1', 'a1 again', 'q2']);
    expect(await promptOf(first!)).toEqual(['q1']);
  });

  it('leaves the answer to an older question where it was when that is asked again', async () => {
    const ask = async (question: string) => {
      const { body } = await user.ask(roomId, question);
      await user.waitForReply(roomId, { messageId: body.id });
      return body.reply.id as number;
    };
    const first = await ask('Which one?');
    await ask('And then?');
    fake.clear();
    const again = await user.call('POST', `/chatroom/${roomId}/messages/${first}/regenerate`);
    await expect
      .poll(async () => (await user.call('GET', `/chatroom/${roomId}/messages/${again.body.reply.id}`)).body.status)
      .toBe('complete');
    await ask('What now?');
    const path = ['Which one?', answerText('Which one?'), 'And then?', answerText('And then?'), 'What now?'];
    expect(prompts()).toEqual([['Which one?'], path]);
  });
});

describe('memory', () => {
  it('of a prompt has a bound, whatever is stored', async () => {
    const longest = '😀'.repeat(32_000);
    await sql(
      `insert into messages (chatroom_id, user_id, is_from_user, content)
       select c.id, c.user_id, true, $2 from chatrooms c, generate_series(1, 200) where c.id = $1`,
      [roomId, longest],
    );
    const question = await add('q', null);
    const texts = await promptOf(question, 70_000);
    expect(texts.map((text) => text.length)).toEqual([longest.length, longest.length, 1]);
  });

  it('of an answer has a bound, whatever the vendor sends', async () => {
    const piece = `${'x'.repeat(99_999)}😀`;
    fake.next({ kind: 'answer', parts: Array.from({ length: 20 }, () => ({ text: piece })) });
    const { body } = await user.ask(roomId, 'Without end?');
    const reply = await user.waitForReply(roomId, { messageId: body.id });
    expect(reply).toMatchObject({ status: 'complete', truncated: true });
    const bytes = Buffer.byteLength(reply.content);
    expect(bytes).toBeLessThanOrEqual(512 * 1024);
    expect(bytes).toBeGreaterThan(512 * 1024 - 4);
    expect(piece.repeat(20).startsWith(reply.content)).toBe(true);
    expect(fake.requests().at(-1)!.config.maxOutputTokens).toBe(8192);
  });
});
