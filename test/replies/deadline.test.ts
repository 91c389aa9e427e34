/** Every reply ends in time, over all its attempts, with any fault of the model. */
import { expect } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { askingTest } from '../fixtures.ts';

const timeoutSeconds = 4;
/** Sweeps run every second; the machine may be busy. */
const slackMs = 3000;

const endless = [
  ['a model that says nothing', '[[first:60000]]', /timed_out/, 1],
  ['a model that falls silent', '[[hang:3]]', /timed_out/, 1],
  ['a model that never ends', '[[drip:200]]', /timed_out/, 1],
  // The last attempt may fail, or be ended by the deadline.
  ['a model that is always overloaded', '[[fail:503]]', /model_unavailable|timed_out/, 2],
  ['a model that always breaks the stream', '[[cut:2]]', /model_unavailable|timed_out/, 2],
  ['a model that always answers with no text', '[[empty]]', /empty_answer|timed_out/, 2],
] as const;

const it = askingTest({
  environment: { BASIC_DAILY_LIMIT: '1000', REPLY_TIMEOUT_SECONDS: String(timeoutSeconds) },
});

/** One account each, because an account has few replies at once. */
const people: { user: Client; roomId: number }[] = [];
let askedAt: number;

it.beforeAll(async ({ url }) => {
  for (const [name, sentinel] of endless) {
    const user = await signIn(url);
    const roomId = await user.room();
    people.push({ user, roomId });
    await user.ask(roomId, `${name} ${sentinel}`);
  }
  askedAt = Date.now();
});

it.for(endless.map((one, index) => [...one, index] as const))(
  '%s',
  async ([name, sentinel, code, leastCalls, index], { gemini }) => {
    const { user, roomId } = people[index]!;
    const reply = await user.waitForReply(roomId);
    expect(Date.now() - askedAt).toBeLessThan(timeoutSeconds * 1000 + slackMs);
    expect(reply).toMatchObject({ status: 'failed', code: expect.stringMatching(code) });
    expect(reply.content).toMatch(/was not counted/);
    const calls = gemini.requests().filter(({ question }) => question === `${name} ${sentinel}`);
    expect(calls.length).toBeGreaterThanOrEqual(leastCalls);
    await expect.poll(() => calls.every(({ endedAt }) => endedAt !== null)).toBe(true);
  },
);

it('refunds every one of them and leaves no call open', async ({ gemini, running }) => {
  for (const { user, roomId } of people) {
    await user.waitForReply(roomId);
    expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(0);
  }
  await expect.poll(() => gemini.stats().open).toBe(0);
  expect(running.product.worker!.activeReplies()).toBe(0);
});

it('does not wait beyond the deadline', async ({ user }) => {
  const roomId = await user.room();
  const startedAt = Date.now();
  await user.ask(roomId, 'Come back in a minute [[fail:429:60]]');
  expect(await user.waitForReply(roomId)).toMatchObject({ status: 'failed', code: 'model_overloaded' });
  expect(Date.now() - startedAt).toBeLessThan(slackMs);
});
