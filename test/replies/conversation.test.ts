/** The part of a conversation that is sent to the model; conversations may have any size. */
import { describe, expect } from 'vitest';
import { demoModel } from '../../server/adapters/model/demo.ts';
import { modelsOf } from '../../server/models/models.ts';
import { textOf, textTurn, type Prompt } from '../../server/ports/model.ts';
import { readPrompts } from '../../server/replies/prompt.ts';
import { answerText } from '../fakes/gemini-behaviour.ts';
import { fillRoom } from '../fill-room.ts';
import { askingTest } from '../fixtures.ts';

const it = askingTest({ environment: { BASIC_DAILY_LIMIT: '1000' } })
  .extend('roomId', ({ user }) => user.room())
  .extend('add', ({ roomId, sql }) => async (content: string, parentId: number | null, status = 'complete') => {
    const [row] = await sql<{ id: number }>(
      `with message as (
         insert into messages (chatroom_id, user_id, is_from_user, content, parent_id)
         select id, user_id, $2 not like 'a%', case $4 when 'failed' then '' else $2 end, $3::bigint from chatrooms where id = $1
         returning *
       ), reply as (
         insert into replies (message_id, question_id, chatroom_id, user_id, status)
         select id, parent_id, chatroom_id, user_id, $4 from message where not is_from_user
       ) select id from message`,
      [roomId, content, parentId, status],
    );
    return row!.id;
  })
  // Writes one path, `['q1', 'a1', 'q2']`; texts that begin with `a` are answers.
  .extend('write', ({ add }) => async (texts: readonly string[]) => {
    const ids: number[] = [];
    for (const text of texts) ids.push(await add(text, ids.at(-1) ?? null));
    return ids;
  })
  .extend('readPrompt', ({ running }) => async (questionId: number, contextTokens: number): Promise<Prompt> => {
    const { db, storage } = running.product.parts;
    const deps = { db, storage, models: modelsOf([demoModel({ contextTokens })]) };
    const claim = { id: 1, questionId, userId: 1, roomId: 1, model: 'demo' };
    return (await readPrompts(deps, [claim])).get(1)!.prompt;
  })
  .extend('promptOf', ({ readPrompt }) => async (questionId: number, budget = 1000) => {
    return (await readPrompt(questionId, budget)).turns.map(textOf);
  });

describe('the prompt', () => {
  it('is the conversation in order, ending with the question', async ({ write, readPrompt, promptOf }) => {
    const ids = await write(['q1', 'a1', 'q2']);
    expect(await readPrompt(ids[2]!, 1000)).toEqual({
      instructions: null,
      turns: [textTurn('user', 'q1'), textTurn('model', 'a1'), textTurn('user', 'q2')],
    });
    expect(await promptOf(ids[0]!)).toEqual(['q1']);
  });

  it('has the newest turns that fit, and nothing older than the first that does not', async ({ write, promptOf }) => {
    const ids = await write(['q1', 'a1', `q${'x'.repeat(400)}`, 'a2', 'q3', 'a3', 'q4']);
    expect(await promptOf(ids.at(-1)!, 50)).toEqual(['q3', 'a3', 'q4']);
  });

  it('never begins with an answer whose question did not fit', async ({ write, promptOf }) => {
    const ids = await write(['q1', 'a1', 'q2']);
    // Each turn counts one token for its text and four besides.
    expect(await promptOf(ids[2]!, 10)).toEqual(['q2']);
    expect(await promptOf(ids[2]!, 14)).toEqual(['q2']);
    expect(await promptOf(ids[2]!, 15)).toEqual(['q1', 'a1', 'q2']);
  });

  it('counts bytes, so that other scripts count more', async ({ write, promptOf }) => {
    const ids = await write(['q漢字漢字', 'q2']);
    expect(await promptOf(ids[1]!, 5 + 7)).toEqual(['q2']);
    expect(await promptOf(ids[1]!, 5 + 8)).toEqual(['q漢字漢字', 'q2']);
  });

  it('contains the question with any budget', async ({ write, promptOf }) => {
    const long = `q${'x'.repeat(31_999)}`;
    const ids = await write(['q1', 'a1', long]);
    expect(await promptOf(ids[2]!, 100)).toEqual([long]);
  });

  it('contains nothing of other branches', async ({ add, write, promptOf }) => {
    const [first, , second] = await write(['q1', 'a1', 'q2', 'a2']);
    const again = await add('a1 again', first!);
    const third = await add('q3', again);
    const edited = await add('q1 edited', null);
    expect(await promptOf(third)).toEqual(['q1', 'a1 again', 'q3']);
    expect(await promptOf(second!)).toEqual(['q1', 'a1', 'q2']);
    expect(await promptOf(edited)).toEqual(['q1 edited']);
  });

  it('leaves out failed turns, question and reply', async ({ add, write, promptOf }) => {
    const [, first] = await write(['q1', 'a1']);
    const failed = await add('a2', await add('q2', first!), 'failed');
    const third = await add('q3', failed);
    expect(await promptOf(third)).toEqual(['q1', 'a1', 'q3']);
    expect(await promptOf(await add('q4', await add('a3', third)))).toEqual(['q1', 'a1', 'q3', 'a3', 'q4']);
  });

  it('follows the reply that was written last', async ({ gemini, user, roomId }) => {
    const ask = async (question: string) => {
      const { body } = await user.ask(roomId, question);
      await user.waitForReply(roomId, { messageId: body.id });
      return body.reply.id as number;
    };
    const first = await ask('Which one?');
    await ask('And then?');
    gemini.clear();
    const again = await user.call('POST', `/chatroom/${roomId}/messages/${first}/regenerate`);
    await expect
      .poll(async () => (await user.call('GET', `/chatroom/${roomId}/messages/${again.body.reply.id}`)).body.status)
      .toBe('complete');
    await ask('What now?');
    const prompts = gemini.requests().map(({ contents }) => contents.map(({ parts }) => parts[0]!.text));
    expect(prompts).toEqual([['Which one?'], ['Which one?', answerText('Which one?'), 'What now?']]);
  });
});

describe('memory', () => {
  it('of a prompt is bounded with any stored texts', async ({ sql, roomId, add, promptOf }) => {
    const longest = '😀'.repeat(32_000);
    const ids = await fillRoom(sql, roomId, longest, 200);
    const question = await add('q', ids.at(-1)!);
    const texts = await promptOf(question, 70_000);
    expect(texts.map((text) => text.length)).toEqual([longest.length, longest.length, 1]);
  });

  it('of an answer is bounded with any vendor', async ({ gemini, user, roomId }) => {
    const piece = `${'x'.repeat(99_999)}😀`;
    gemini.next({ kind: 'answer', parts: Array.from({ length: 20 }, () => ({ text: piece })) });
    const { body } = await user.ask(roomId, 'Without end?');
    const reply = await user.waitForReply(roomId, { messageId: body.id });
    expect(reply).toMatchObject({ status: 'complete', truncated: true });
    const bytes = Buffer.byteLength(reply.content);
    expect(bytes).toBeLessThanOrEqual(512 * 1024);
    expect(bytes).toBeGreaterThan(512 * 1024 - 4);
    expect(piece.repeat(20).startsWith(reply.content)).toBe(true);
    expect(gemini.requests().at(-1)!.config.maxOutputTokens).toBe(8192);
  });
});
