/** The values of metrics: each is compared with a known amount of work. */
import { expect } from 'vitest';
import { answerText } from '../fakes/gemini-behaviour.ts';
import { usageOf } from '../fakes/gemini-wire.ts';
import { askingTest } from '../fixtures.ts';
import { scrape } from './scrape.ts';

const dailyLimit = 4;

const it = askingTest({ environment: { BASIC_DAILY_LIMIT: String(dailyLimit) } })
  .extend('roomId', ({ user }) => user.room())
  .extend('ask', ({ roomId, user }) => async (question: string) => {
    const { body } = await user.ask(roomId, question);
    await user.waitForReply(roomId, { messageId: body.id });
  })
  // The metrics once what is counted after an answer has been counted too.
  .extend('figures', ({ url }) => async () => {
    await expect.poll(async () => (await scrape(url)).value('pollux_replies_active')).toBe(0);
    return scrape(url);
  });

it('counts tokens by kind, as reported by the model', async ({ gemini, ask, figures }) => {
  const question = `A long question ${'word '.repeat(500)} [[chunks:1]]`;
  await ask(question);
  const { contents } = gemini.requests().at(-1)!;
  const counted = usageOf({ contents, system: null, question, config: {} }, [{ text: answerText(question, 1) }]);
  const metrics = await figures();
  const { promptTokenCount, candidatesTokenCount } = counted as Record<string, number>;
  expect(promptTokenCount).toBeGreaterThan(candidatesTokenCount! * 2);
  expect(metrics.value('pollux_model_tokens_total{kind="prompt"}')).toBe(promptTokenCount);
  expect(metrics.value('pollux_model_tokens_total{kind="answer"}')).toBe(candidatesTokenCount);
});

it('counts replies by outcome, and failed attempts by reason', async ({ ask, figures }) => {
  const { value: before } = await figures();
  await ask('Overloaded once [[fail:503x1]]');
  await ask('Refused [[fail:400]]');
  const { value: after } = await figures();
  const grown = (name: string) => (after(name) ?? 0) - (before(name) ?? 0);
  for (const outcome of ['complete', 'again', 'failed']) {
    expect(grown(`pollux_replies_total{outcome="${outcome}"}`), outcome).toBe(1);
  }
  for (const code of ['model_unavailable', 'request_refused']) {
    expect(grown(`pollux_model_errors_total{code="${code}"}`), code).toBe(1);
  }
  expect(grown('pollux_reply_seconds_count')).toBe(3);
  // Only one attempt produced text.
  expect(grown('pollux_reply_first_token_seconds_count')).toBe(1);
});

it('counts messages refused by the daily limit, and no other refusals', async ({ user, roomId, figures }) => {
  const refusals = async () => (await figures()).value('pollux_quota_refusals_total');
  for (let n = 0; n < dailyLimit; n++) expect((await user.ask(roomId, `Question ${n}`)).status).toBe(202);
  await user.waitForReply(roomId);
  expect(await refusals()).toBe(0);
  for (let refused = 1; refused <= 2; refused++) {
    expect((await user.ask(roomId, 'One too many')).body.code).toBe('daily_limit_reached');
    expect(await refusals()).toBe(refused);
  }
  expect((await user.call('GET', '/chatroom/1234567890')).status).toBe(404);
  expect(await refusals()).toBe(2);
});

it('counts requests by method, route and status', async ({ user, roomId, figures }) => {
  const series = (method: string, route: string, status: number) =>
    `pollux_http_request_seconds_count{method="${method}",route="${route}",status="${status}"}`;
  const { value: before } = await figures();
  await user.call('GET', '/chatroom/1234567890');
  await user.call('GET', `/chatroom/${roomId}`);
  const { value: after } = await figures();
  const grown = (name: string) => (after(name) ?? 0) - (before(name) ?? 0);
  expect(grown(series('GET', '/chatroom/:chatroom_id', 404))).toBe(1);
  expect(grown(series('GET', '/chatroom/:chatroom_id', 200))).toBe(1);
  expect(grown(series('DELETE', '/chatroom/:chatroom_id', 204))).toBe(0);
});

it('counts open feeds while they are open', async ({ url, user }) => {
  const open = async () => (await scrape(url)).value('pollux_feed_clients');
  expect(await open()).toBe(0);
  const feeds = [await user.events(), await user.events()];
  expect(await open()).toBe(2);
  for (const feed of feeds) await feed[Symbol.asyncDispose]();
  await expect.poll(open).toBe(0);
});
