/** The prompt: as much of the conversation as fits the budget, without failed turns. */
import { expect } from 'vitest';
import { answerText } from '../fakes/gemini-behaviour.ts';
import { askingTest } from '../fixtures.ts';

const it = askingTest({ environment: { BASIC_DAILY_LIMIT: '1000', CONTEXT_TOKEN_BUDGET: '400' } })
  // The texts sent to the model with this question, oldest first.
  .extend('sentWith', ({ gemini }) => (question: string) => {
    const { contents } = gemini.requests().findLast((asked) => asked.question === question)!;
    return contents.map(({ parts }) => parts.map(({ text }) => text).join(''));
  });

it('leaves out the oldest turns beyond CONTEXT_TOKEN_BUDGET', async ({ user, sentWith }) => {
  const roomId = await user.room();
  // About 120 tokens each, at four bytes a token.
  const questions = Array.from({ length: 6 }, (_, n) => `Question ${n} ${'x'.repeat(450)} [[chunks:1]]`);
  for (const question of questions) {
    const { body } = await user.ask(roomId, question);
    await user.waitForReply(roomId, { messageId: body.id });
  }
  const sent = sentWith(questions.at(-1)!);
  const all = questions.flatMap((question) => [question, answerText(question, 1)]).slice(0, -1);
  expect(sent).toEqual(all.slice(-sent.length));
  expect(sent[0]).toMatch(/^Question /);
  const bytes = sent.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  expect(bytes / 4).toBeLessThanOrEqual(400);
  // Two turns fit, and two are sent.
  expect(sent.length).toBeGreaterThanOrEqual(3);
});

it('sends a question that is longer than the budget, alone', async ({ user, sentWith }) => {
  const roomId = await user.room();
  await user.ask(roomId, 'Something before');
  await user.waitForReply(roomId);
  const long = `Long ${'y'.repeat(4000)}`;
  const { body } = await user.ask(roomId, long);
  await user.waitForReply(roomId, { messageId: body.id });
  expect(sentWith(long)).toEqual([long]);
});

it('sends nothing of a reply that failed', async ({ user, sentWith }) => {
  const roomId = await user.room();
  const { body: failing } = await user.ask(roomId, 'Refused [[fail:400]]');
  const failed = await user.waitForReply(roomId, { messageId: failing.id });
  expect(failed.status).toBe('failed');
  const { body: next } = await user.ask(roomId, 'And now?');
  await user.waitForReply(roomId, { messageId: next.id });
  const sent = sentWith('And now?');
  expect(sent.at(-1)).toBe('And now?');
  expect(sent.join('\n')).not.toContain(failed.content);
  expect(sent.join('\n')).not.toContain('not counted');
});
