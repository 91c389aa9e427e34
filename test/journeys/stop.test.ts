/** A cancellation reaches the worker of another process at once: the call to the model ends, and the text is kept. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { answerText } from '../fakes/gemini-behaviour.ts';
import { scaled } from '../fault-scale.ts';
import { distributedPlace, embeddedPlace } from '../harness.ts';
import { services } from '../services.ts';
import { startArrangement, type Arrangement, type Running } from './arrangements.ts';

const promisedMs = 500;
const stops = scaled(8);
/** For all but the slowest: shorter than most waits for the worker's query every 500 ms. */
const roomToSpareMs = 200;

const arrangements: readonly (Arrangement & { readonly word: string })[] = [
  { name: 'embedded', word: 'here', place: embeddedPlace, roles: ['all'], possible: true },
  {
    name: 'a worker in another process',
    word: 'there',
    place: distributedPlace,
    roles: ['api', 'worker'],
    possible: services.postgres && services.redis,
  },
];

describe.each(arrangements.filter(({ possible }) => possible))('a stop, $name', ({ word, place, roles }) => {
  let running: Running;
  let user: Client;
  beforeAll(async () => {
    running = await startArrangement({ place, roles }, { BASIC_DAILY_LIMIT: '1000' });
    user = await signIn(running.urls[0]);
  });
  afterAll(() => running?.[Symbol.asyncDispose]());

  it(`ends the call to the model within ${promisedMs} ms of its 202`, { timeout: 120_000 }, async () => {
    await using events = await user.events();
    const tookMs: number[] = [];
    for (let n = 0; n < stops; n += 1) {
      const roomId = await user.room();
      const question = `Stop ${word} ${n} [[chunks:2000]][[delay:10]]`;
      const { body: sent } = await user.ask(roomId, question);
      const replyId: number = sent.reply.id;
      await events.next(({ type, message_id: id }) => type === 'reply.delta' && id === replyId);
      const stopped = await user.call('POST', `/chatroom/${roomId}/messages/${replyId}/cancel`);
      const acceptedAt = Date.now();
      expect(stopped.status).toBe(202);
      const asked = () => running.fake.requests().find((request) => request.question === question)!;
      await expect.poll(() => asked().endedAt, { interval: 5 }).not.toBeNull();
      expect(asked().closedByClient).toBe(true);
      tookMs.push(asked().endedAt! - acceptedAt);
      const { event } = await events.next(({ type, message_id: id }) => type === 'reply.cancelled' && id === replyId);
      const { body: kept } = await user.call('GET', `/chatroom/${roomId}/messages/${replyId}`);
      expect(event).toMatchObject({ message: { content: kept.content } });
      expect(kept).toMatchObject({ status: 'cancelled' });
      expect(answerText(question, 2000).startsWith(kept.content)).toBe(true);
    }
    const sorted = tookMs.toSorted((a, b) => a - b);
    process.stdout.write(`stops, ${word}, in ms after the 202: ${sorted.join(', ')}\n`);
    expect(sorted.at(-1)).toBeLessThan(promisedMs);
    expect(sorted.at(-2)).toBeLessThan(roomToSpareMs);
  });
});
