/** Order of replies: in sequence within a room, by turns between accounts, by weight between plans. */
import { expect, vi } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { answerText } from '../fakes/gemini-behaviour.ts';
import type { FakeGemini } from '../fakes/gemini.ts';
import { askingTest } from '../fixtures.ts';

const workerConcurrency = 2;
const crowd = 50;

const it = askingTest({
  environment: { BASIC_DAILY_LIMIT: '1000', WORKER_CONCURRENCY: String(workerConcurrency) },
});
it.beforeEach(async ({ gemini, running }) => {
  await vi.waitUntil(() => running.product.worker!.activeReplies() === 0, { timeout: 20_000 });
  gemini.clear();
});

const askedInOrder = (gemini: FakeGemini) => gemini.requests().map(({ question }) => question);
const answered = (user: Client, roomId: number, count: number) =>
  expect
    .poll(async () => (await user.call('GET', `/chatroom/${roomId}/messages`)).body.length, { timeout: 20_000 })
    .toBe(2 * count);

/** Keeps every slot of the worker busy for a while. */
async function occupy(gemini: FakeGemini, user: Client, forMs: number): Promise<void> {
  const rooms = await Promise.all(Array.from({ length: workerConcurrency }, () => user.room()));
  await Promise.all(rooms.map((roomId) => user.ask(roomId, `Busy [[first:${forMs}]]`)));
  await expect.poll(() => gemini.stats().open).toBe(workerConcurrency);
}

it('answers the questions of a room one after another, each with the previous answers', async ({ gemini, user }) => {
  const roomId = await user.room();
  const questions = ['First [[first:300]]', 'Second [[first:100]]', 'Third', 'Fourth'];
  for (const question of questions) expect((await user.ask(roomId, question)).status).toBe(202);
  await answered(user, roomId, questions.length);
  const asked = gemini.requests();
  expect(askedInOrder(gemini)).toEqual(questions);
  for (const [index, { contents, at }] of asked.entries()) {
    const before = questions.slice(0, index).flatMap((question) => [question, answerText(question)]);
    expect(contents.map(({ parts }) => parts[0]!.text)).toEqual([...before, questions[index]]);
    if (index > 0) expect(at).toBeGreaterThanOrEqual(asked[index - 1]!.endedAt!);
  }
  const { body } = await user.call('GET', `/chatroom/${roomId}/messages`);
  const replies = body.filter((entry: { is_from_user: boolean }) => !entry.is_from_user);
  expect(replies.map(({ content }: { content: string }) => content)).toEqual(questions.map((one) => answerText(one)));
});

it(`does not delay an account's first question by ${crowd} questions of another`, async ({
  gemini,
  url,
  user: busy,
}) => {
  const other = await signIn(url);
  const rooms = await Promise.all(Array.from({ length: crowd }, () => busy.room()));
  await Promise.all(rooms.map((roomId, n) => busy.ask(roomId, `Of many ${n} [[first:100]]`)));
  const roomId = await other.room();
  await other.ask(roomId, 'Just one');
  const cameAt = Date.now();
  await answered(other, roomId, 1);
  // Only those that began while it was being sent may precede it, plus at most as many as there are slots.
  const before = gemini.requests().filter(({ at }) => at > cameAt);
  expect(before.findIndex(({ question }) => question === 'Just one')).toBeLessThanOrEqual(workerConcurrency);
  expect(askedInOrder(gemini).length).toBeLessThan(crowd);
  await Promise.all(rooms.map((id) => answered(busy, id, 1)));
});

it('takes turns between accounts that both have many', async ({ gemini, url, user }) => {
  const people = [await signIn(url), await signIn(url)];
  await occupy(gemini, user, 800);
  for (const [who, asker] of people.entries()) {
    const rooms = await Promise.all(Array.from({ length: 6 }, () => asker.room()));
    await Promise.all(rooms.map((roomId) => asker.ask(roomId, `From ${who} [[first:60]]`)));
  }
  await expect.poll(() => askedInOrder(gemini).length, { timeout: 20_000 }).toBe(workerConcurrency + 12);
  const order = askedInOrder(gemini).slice(workerConcurrency);
  // At no time is one of them far ahead.
  for (let end = 2; end <= order.length; end++) {
    const first = order.slice(0, end).filter((question) => question.startsWith('From 0')).length;
    expect(Math.abs(first - (end - first))).toBeLessThanOrEqual(workerConcurrency);
  }
});

it('answers Pro four times as often as Basic, and both', async ({ gemini, sql, url, user }) => {
  const people = await Promise.all(Array.from({ length: 12 }, () => signIn(url)));
  const pros = people.slice(0, 8);
  await sql(`update users set tier = 'Pro' where mobile_number = any ($1::text[])`, [pros.map(({ number }) => number)]);
  await occupy(gemini, user, 1500);
  // Basic is first in the queue.
  for (const asker of people.toReversed()) {
    const roomId = await asker.room();
    await asker.ask(roomId, `${pros.includes(asker) ? 'Pro' : 'Basic'} [[first:60]]`);
  }
  await expect.poll(() => askedInOrder(gemini).length, { timeout: 20_000 }).toBe(workerConcurrency + people.length);
  const order = askedInOrder(gemini)
    .slice(workerConcurrency)
    .map((question) => question.split(' ')[0]!);
  // One of each five is Basic; its position depends on earlier replies.
  const basicIn = (from: number, to: number) => order.slice(from, to).filter((plan) => plan === 'Basic').length;
  expect(basicIn(0, 10)).toBeGreaterThanOrEqual(2);
  expect(basicIn(0, 10)).toBeLessThanOrEqual(3);
  expect(basicIn(10, 12)).toBeGreaterThanOrEqual(1);
});
