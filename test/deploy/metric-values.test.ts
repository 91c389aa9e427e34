/** The values of metrics: each is compared with a known amount of work. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { answerText } from '../fakes/gemini-behaviour.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { usageOf } from '../fakes/gemini-wire.ts';
import { anyPlace, askAt, startProduct, type RunningProduct } from '../harness.ts';
import { scrape } from './scrape.ts';

const dailyLimit = 4;

const cleanUp = new AsyncDisposableStack();
let fake: FakeGemini;
let running: RunningProduct;
let user: Client;
let roomId: number;
beforeAll(async () => {
  const place = cleanUp.use(await anyPlace());
  fake = cleanUp.use(await startFakeGemini());
  const environment = { ...askAt(fake), BASIC_DAILY_LIMIT: String(dailyLimit) };
  running = cleanUp.use(await startProduct(place, { environment }));
  user = await signIn(running.url);
  roomId = await user.room();
});
afterAll(() => cleanUp.disposeAsync());

/** Reads the metrics once what is counted after an answer has been counted too. */
async function figures() {
  await vi.waitFor(async () => expect((await scrape(running.url)).value('pollux_replies_active')).toBe(0));
  return scrape(running.url);
}

async function ask(question: string): Promise<void> {
  const { body } = await user.ask(roomId, question);
  await user.waitForReply(roomId, { messageId: body.id });
}

it('counts tokens by kind, as reported by the model', async () => {
  const question = `A long question ${'word '.repeat(500)} [[chunks:1]]`;
  await ask(question);
  const { contents } = fake.requests().at(-1)!;
  const counted = usageOf({ contents, system: null, question, config: {} }, [{ text: answerText(question, 1) }]);
  const metrics = await figures();
  const { promptTokenCount, candidatesTokenCount } = counted as Record<string, number>;
  expect(promptTokenCount).toBeGreaterThan(candidatesTokenCount! * 2);
  expect(metrics.value('pollux_model_tokens_total{kind="prompt"}')).toBe(promptTokenCount);
  expect(metrics.value('pollux_model_tokens_total{kind="answer"}')).toBe(candidatesTokenCount);
});

it('counts replies by outcome, and failed attempts by reason', async () => {
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

it('counts messages refused by the daily limit, and no other refusals', async () => {
  const refusals = async () => (await figures()).value('pollux_quota_refusals_total');
  const person = await signIn(running.url);
  const room = await person.room();
  for (let n = 0; n < dailyLimit; n++) expect((await person.ask(room, `Question ${n}`)).status).toBe(202);
  await person.waitForReply(room);
  expect(await refusals()).toBe(0);
  for (let refused = 1; refused <= 2; refused++) {
    expect((await person.ask(room, 'One too many')).body.code).toBe('daily_limit_reached');
    expect(await refusals()).toBe(refused);
  }
  expect((await person.call('GET', '/chatroom/1234567890')).status).toBe(404);
  expect(await refusals()).toBe(2);
});

it('counts requests by method, route and status', async () => {
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

it('counts open feeds while they are open', async () => {
  const open = async () => (await scrape(running.url)).value('pollux_feed_clients');
  expect(await open()).toBe(0);
  const feeds = [await user.events(), await user.events()];
  expect(await open()).toBe(2);
  for (const feed of feeds) await feed[Symbol.asyncDispose]();
  await expect.poll(open).toBe(0);
});
