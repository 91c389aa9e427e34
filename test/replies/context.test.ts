/** The context of the next question: computed by the code that sends it, and corrected by the vendor's token counts. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { geminiModel } from '../../server/adapters/model/gemini.ts';
import { modelsOf } from '../../server/models/models.ts';
import { plansWith } from '../built-in-plans.ts';
import { signIn, type Client } from '../client.ts';
import { expectProblem } from '../contract/problem.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { fillRoom } from '../fill-room.ts';
import { askAt, startProduct, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { sqlOf } from '../sql.ts';

const modelAt = (baseUrl: string, id: string, contextTokens: number) =>
  geminiModel({
    id,
    model: id,
    contextTokens,
    apiKey: 'a-key-for-tests',
    baseUrl,
    firstByteTimeoutMs: 5000,
    idleTimeoutMs: 5000,
    maxOutputTokens: 1000,
    thinkingLevel: null,
  });

describeModes('the context', (mode) => {
  const cleanUp = new AsyncDisposableStack();
  let gemini: FakeGemini;
  let running: RunningProduct;
  let user: Client;
  let roomId: number;
  beforeAll(async () => {
    gemini = cleanUp.use(await startFakeGemini());
    const place = cleanUp.use(await mode.place());
    const environment = { ...askAt(gemini), BASIC_DAILY_LIMIT: '1000' };
    const models = modelsOf([
      modelAt(gemini.url, 'gemini-3.5-flash-lite', 2000),
      modelAt(gemini.url, 'gemini-other', 1000),
    ]);
    const plans = plansWith(['gemini-3.5-flash-lite', 'gemini-other']);
    running = cleanUp.use(await startProduct(place, { environment, overrides: { models, plans } }));
  });
  beforeEach(async () => {
    user = await signIn(running.url);
    roomId = await user.room();
  });
  afterAll(() => cleanUp.disposeAsync());

  const context = async () => (await user.call('GET', `/chatroom/${roomId}/context`)).body;
  async function ask(question: string): Promise<number> {
    const { body } = await user.ask(roomId, question);
    await user.waitForReply(roomId, { messageId: body.id });
    return body.reply.id;
  }
  /** Ids of the current path, oldest first. */
  const path = async () =>
    (await user.call('GET', `/chatroom/${roomId}/messages`)).body.map(({ id }: { id: number }) => id);
  const idsOf = ({ turns }: { turns: { message_id: number }[] }) => turns.map(({ message_id }) => message_id);

  it('of an empty room has only instructions and memories', async () => {
    await user.call('PATCH', '/user/settings', { body: { instructions: 'Answer briefly.' } });
    await user.call('POST', '/user/memories', { body: { content: 'I am a vegetarian.' } });
    expect(await context()).toEqual({
      model: 'gemini-3.5-flash-lite',
      budget_tokens: 2000,
      used_tokens: expect.any(Number),
      instructions: 'Answer briefly.',
      memories: ['I am a vegetarian.'],
      summary: null,
      files: [],
      turns: [],
    });
    expect((await context()).used_tokens).toBeGreaterThan(10);
    await user.call('PATCH', '/user/settings', { body: { instructions: null, memory_enabled: false } });
    expect(await context()).toMatchObject({ used_tokens: 0, instructions: null, memories: [] });
  });

  it('is sent with the next question', async () => {
    await ask('One');
    await ask('Two');
    const shown = await context();
    expect(idsOf(shown)).toEqual(await path());
    const total = shown.turns.reduce((sum: number, { tokens }: { tokens: number }) => sum + tokens, 0);
    expect(Math.abs(total - shown.used_tokens)).toBeLessThanOrEqual(shown.turns.length);
    await ask('Three');
    const sent = gemini.requests().findLast(({ question }) => question === 'Three')!;
    expect(sent.contents).toHaveLength(shown.turns.length + 1);
  });

  it('has the model and the instructions of the room', async () => {
    const change = (body: object) => user.call('PATCH', `/chatroom/${roomId}`, { body });
    await user.call('PATCH', '/user/settings', { body: { instructions: 'Answer briefly.' } });
    const before = (await context()).used_tokens;
    await change({ instructions: 'Talk about trees.', model: 'gemini-other' });
    const shown = await context();
    expect(shown).toMatchObject({
      model: 'gemini-other',
      budget_tokens: 1000,
      instructions: 'Answer briefly.\n\nTalk about trees.',
    });
    expect(shown.used_tokens).toBeGreaterThan(before);
    await ask('Which one?');
    const sent = () => gemini.requests().findLast(({ question }) => question === 'Which one?')!;
    expect(sent()).toMatchObject({ model: 'gemini-other', system: expect.stringContaining('Talk about trees.') });
    await sqlOf(running)(`update chatrooms set model = 'gone' where id = $1`, [roomId]);
    expect(await context()).toMatchObject({ model: 'gemini-3.5-flash-lite', budget_tokens: 2000 });
    await change({ model: null, instructions: null });
    expect(await context()).toMatchObject({ model: 'gemini-3.5-flash-lite', instructions: 'Answer briefly.' });
    await ask('Which one?');
    expect(sent().model).toBe('gemini-3.5-flash-lite');
    expect(sent().system).not.toContain('trees');
  });

  it('follows the head, and leaves out failed turns', async () => {
    const first = await ask('One');
    await ask('Refused [[fail:400]]');
    expect(idsOf(await context())).toEqual((await path()).slice(0, 2));
    const { body } = await user.call('POST', `/chatroom/${roomId}/message`, {
      body: { content: 'Another', parent_id: first },
    });
    await user.waitForReply(roomId, { messageId: body.id });
    expect(idsOf(await context())).toEqual(await path());
  });

  it('is limited to the budget, oldest turns left out first', async () => {
    const ids = await fillRoom(sqlOf(running), roomId, 'x'.repeat(400), 60);
    await user.call('PATCH', `/chatroom/${roomId}`, { body: { head_id: ids.at(-1) } });
    const shown = await context();
    const count = idsOf(shown).length;
    expect(idsOf(shown)).toEqual(ids.slice(-count));
    // 104 tokens each.
    expect([18, 19]).toContain(count);
    expect(shown.used_tokens).toBe(count * 104);
  });

  it.each([
    ['fewer', 0, 0.5],
    ['more', 1_000_000, 2],
    ['as many', 2000, 1],
  ])('is corrected, within bounds, after the vendor counted %s', async (_, counted, factor) => {
    const sql = sqlOf(running);
    const ids = await fillRoom(sql, roomId, 'x'.repeat(400), 100);
    await sql(
      `insert into replies (message_id, question_id, chatroom_id, user_id, status, prompt_tokens, prompt_estimate)
       select id, parent_id, chatroom_id, user_id, 'complete', $2, 2000 from messages where id = $1`,
      [ids.at(-1)!, counted],
    );
    await user.call('PATCH', `/chatroom/${roomId}`, { body: { head_id: ids.at(-1) } });
    const { turns, used_tokens: used, budget_tokens: budget } = await context();
    expect(turns.at(-1).tokens).toBe(104 * factor);
    expect(used).toBeLessThanOrEqual(budget);
    expect(used).toBeGreaterThan(budget - 2 * 104 * factor * 2);
  });

  it('counts the tokens that the vendor reported for the last reply', async () => {
    const question = `Long ${'x'.repeat(4000)}`;
    gemini.next({ kind: 'answer', chunks: 1 });
    await ask(question);
    const sql = sqlOf(running);
    const [row] = await sql<{ counted: number; estimated: number }>(
      `select prompt_tokens as counted, prompt_estimate as estimated from replies where chatroom_id = $1`,
      [roomId],
    );
    expect(row!.estimated).toBe(Math.ceil(question.length / 4) + 4);
    expect(row!.counted).toBeGreaterThan(0);
    const factor = Math.min(2, Math.max(0.5, (row!.counted + 200) / (row!.estimated + 200)));
    expect((await context()).turns[0].tokens).toBe(Math.round(row!.estimated * factor));
  });

  it("does not exist for another user's room", async () => {
    const other = await signIn(running.url);
    expectProblem(await other.call('GET', `/chatroom/${roomId}/context`), 404);
  });
});
