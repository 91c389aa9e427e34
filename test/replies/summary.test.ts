/** Older turns are summarized in the background, once each, without delaying answers. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { signIn, type Client } from '../client.ts';
import type { Behaviour } from '../fakes/gemini-behaviour.ts';
import { isSummaryRequest } from '../fakes/gemini-summary.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { askAt, startProduct, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { sqlOf } from '../sql.ts';

describeModes('a summary', (mode) => {
  const cleanUp = new AsyncDisposableStack();
  let gemini: FakeGemini;
  let running: RunningProduct;
  let user: Client;
  let roomId: number;
  let summaryBehaviour: Behaviour;
  beforeAll(async () => {
    gemini = cleanUp.use(await startFakeGemini());
    gemini.respond((request) => (isSummaryRequest(request) ? summaryBehaviour : null));
    const place = cleanUp.use(await mode.place());
    const environment = { ...askAt(gemini), BASIC_DAILY_LIMIT: '1000', CONTEXT_TOKEN_BUDGET: '800' };
    running = cleanUp.use(await startProduct(place, { environment }));
  });
  beforeEach(async () => {
    gemini.clear();
    summaryBehaviour = { kind: 'answer', parts: [{ text: 'They talked about ' }, { text: 'trees.' }] };
    user = await signIn(running.url);
    roomId = await user.room();
  });
  afterAll(() => cleanUp.disposeAsync());

  const context = async () => (await user.call('GET', `/chatroom/${roomId}/context`)).body;
  async function ask(question: string, members: object = {}): Promise<{ questionId: number; replyId: number }> {
    const body = { content: question, ...members };
    const { body: sent } = await user.call('POST', `/chatroom/${roomId}/message`, { body });
    const reply = await user.waitForReply(roomId, { messageId: sent.id });
    expect(reply.status).toBe('complete');
    return { questionId: sent.id, replyId: sent.reply.id };
  }
  const long = (n: number) => `Room ${roomId} question ${n} ${'q'.repeat(480)} [[chunks:1]]`;
  /** About 150 tokens a turn, of a budget of 800. */
  async function talk(turns: number) {
    const asked = [];
    for (let n = 0; n < turns; n += 1) asked.push(await ask(long(n)));
    return asked;
  }
  const summaries = () =>
    gemini.requests().filter((request) => isSummaryRequest(request) && request.question.includes(`Room ${roomId} `));

  it('replaces the older turns in later prompts, without a charge', async () => {
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

  it('continues the previous one', async () => {
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

  it('applies only to paths through its reply', async () => {
    const asked = await talk(4);
    await expect.poll(async () => (await context()).summary).not.toBeNull();
    await ask('Another beginning', { parent_id: null });
    expect((await context()).summary).toBeNull();
    await ask('Another end', { parent_id: asked.at(-1)!.replyId });
    expect((await context()).summary?.text).toBe('They talked about trees.');
  });

  it('does not delay answers while it is generated', async () => {
    summaryBehaviour = { kind: 'answer', firstDelayMs: 8000, parts: [{ text: 'Late.' }] };
    await talk(4);
    await expect.poll(() => summaries().length).toBeGreaterThan(0);
    await ask('At once?');
    expect(summaries()[0]!.endedAt).toBeNull();
    await expect.poll(async () => (await context()).summary?.text, { timeout: 20_000 }).toBe('Late.');
  });

  it('that fails changes nothing, and is not requested while the vendor has paused the model', async () => {
    summaryBehaviour = { kind: 'error', status: 400 };
    await talk(4);
    await expect.poll(() => summaries().length).toBeGreaterThan(0);
    const shown = await context();
    expect(shown.summary).toBeNull();
    expect(shown.turns.length).toBeGreaterThan(1);
    await ask('Still there?');
    const [row] = await sqlOf(running)<{ count: number }>(`select count(*)::int as count from summaries s
      join messages m on m.id = s.message_id where m.chatroom_id = ${roomId}`);
    expect(row!.count).toBe(0);
  });

  it('is deleted with its room', async () => {
    await talk(4);
    await expect.poll(async () => (await context()).summary).not.toBeNull();
    const upTo = (await context()).summary.up_to_message_id;
    await user.call('DELETE', `/chatroom/${roomId}`);
    expect(await sqlOf(running)(`select from summaries where message_id = ${upTo}`)).toEqual([]);
  });
});
