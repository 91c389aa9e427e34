/** Older turns are summarized in the background, once each, without delaying answers. */
import { expect } from 'vitest';
import type { Behaviour } from '../fakes/gemini-behaviour.ts';
import { isSummaryRequest } from '../fakes/gemini-summary.ts';
import { askingTest, testModes } from '../fixtures.ts';
import type { Mode } from '../modes.ts';

const testIn = (mode: Mode) =>
  askingTest({ mode, environment: { BASIC_DAILY_LIMIT: '1000', CONTEXT_TOKEN_BUDGET: '800' } })
    .extend('roomId', ({ user }) => user.room())
    .extend(
      'context',
      ({ user, roomId }) =>
        async () =>
          (await user.call('GET', `/chatroom/${roomId}/context`)).body,
    )
    .extend('ask', ({ user, roomId }) => async (question: string, members: object = {}) => {
      const body = { content: question, ...members };
      const { body: sent } = await user.call('POST', `/chatroom/${roomId}/message`, { body });
      const reply = await user.waitForReply(roomId, { messageId: sent.id });
      expect(reply.status).toBe('complete');
      return { questionId: sent.id as number, replyId: sent.reply.id as number };
    })
    // About 150 tokens a turn, of a budget of 800.
    .extend('talk', ({ roomId, ask }) => async (turns: number) => {
      const asked = [];
      for (let n = 0; n < turns; n += 1) {
        asked.push(await ask(`Room ${roomId} question ${n} ${'q'.repeat(480)} [[chunks:1]]`));
      }
      return asked;
    })
    .extend('summaries', ({ gemini, roomId }) => () => {
      const isOfRoom = ({ question }: { question: string }) => question.includes(`Room ${roomId} `);
      return gemini.requests().filter((request) => isSummaryRequest(request) && isOfRoom(request));
    });

testModes('a summary', testIn, (it) => {
  let summaryBehaviour: Behaviour;
  it.beforeEach(({ gemini }) => {
    gemini.clear();
    summaryBehaviour = { kind: 'answer', parts: [{ text: 'They talked about ' }, { text: 'trees.' }] };
    gemini.respond((request) => (isSummaryRequest(request) ? summaryBehaviour : null));
  });

  it('replaces the older turns in later prompts, without a charge', async ({
    gemini,
    user,
    roomId,
    context,
    ask,
    talk,
    summaries,
  }) => {
    const asked = await talk(4);
    await expect.poll(async () => (await context()).summary?.text).toBe('They talked about trees.');
    const shown = await context();
    const upTo = shown.summary.up_to_message_id;
    expect(asked.map(({ replyId }) => replyId)).toContain(upTo);
    expect(shown.turns.every(({ message_id: id }: { message_id: number }) => id > upTo)).toBe(true);
    expect(shown.turns.length).toBeGreaterThanOrEqual(2);
    // No turn is missing between the summary and the turns.
    expect(shown.turns[0].message_id).toBe(asked.find(({ questionId }) => questionId > upTo)!.questionId);
    await ask('And now?');
    const sent = gemini.requests().findLast(({ question }) => question === 'And now?')!;
    expect(sent.system).toContain('<summary>\nThey talked about trees.\n</summary>');
    expect(sent.contents).toHaveLength(shown.turns.length + 1);
    const made = summaries().map(({ question }) => question);
    expect(made[0]).toContain(`User: Room ${roomId} question 0 `);
    expect(made.join('\n')).not.toContain('question 3 ');
    expect(new Set(made).size).toBe(made.length);
    expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(5);
  });

  it('continues the previous one', async ({ context, talk, summaries }) => {
    await talk(4);
    await expect.poll(async () => (await context()).summary?.text).toBe('They talked about trees.');
    const first = (await context()).summary.up_to_message_id;
    summaryBehaviour = { kind: 'answer', parts: [{ text: 'Trees, then rivers.' }] };
    await talk(4);
    await expect.poll(async () => (await context()).summary?.text).toBe('Trees, then rivers.');
    expect((await context()).summary.up_to_message_id).toBeGreaterThan(first);
    const questions = summaries().map(({ question }) => question);
    expect(questions[0]).toMatch(/^<conversation>\nUser: /);
    expect(questions.at(-1)).toMatch(
      /^<summary>\n(They talked about trees|Trees, then rivers)\.\n<\/summary>\n\n<conversation>\nUser: /,
    );
  });

  it('applies only to paths through its reply', async ({ context, ask, talk }) => {
    const asked = await talk(4);
    await expect.poll(async () => (await context()).summary).not.toBeNull();
    await ask('Another beginning', { parent_id: null });
    expect((await context()).summary).toBeNull();
    await ask('Another end', { parent_id: asked.at(-1)!.replyId });
    expect((await context()).summary?.text).toBe('They talked about trees.');
  });

  it('does not delay answers while it is generated', async ({ context, ask, talk, summaries }) => {
    summaryBehaviour = { kind: 'answer', firstDelayMs: 8000, parts: [{ text: 'Late.' }] };
    await talk(4);
    await expect.poll(() => summaries().length).toBeGreaterThan(0);
    await ask('At once?');
    expect(summaries()[0]!.endedAt).toBeNull();
    await expect.poll(async () => (await context()).summary?.text, { timeout: 20_000 }).toBe('Late.');
  });

  it('that fails changes nothing, and is not requested while the vendor has paused the model', async ({
    sql,
    roomId,
    context,
    ask,
    talk,
    summaries,
  }) => {
    summaryBehaviour = { kind: 'error', status: 400 };
    await talk(4);
    await expect.poll(() => summaries().length).toBeGreaterThan(0);
    const shown = await context();
    expect(shown.summary).toBeNull();
    expect(shown.turns.length).toBeGreaterThan(1);
    await ask('Still there?');
    const [row] = await sql<{ count: number }>(`select count(*)::int as count from summaries s
      join messages m on m.id = s.message_id where m.chatroom_id = ${roomId}`);
    expect(row!.count).toBe(0);
  });

  it('is deleted with its room', async ({ sql, user, roomId, context, talk }) => {
    await talk(4);
    await expect.poll(async () => (await context()).summary).not.toBeNull();
    const upTo = (await context()).summary.up_to_message_id;
    await user.call('DELETE', `/chatroom/${roomId}`);
    expect(await sql(`select from summaries where message_id = ${upTo}`)).toEqual([]);
  });
});
