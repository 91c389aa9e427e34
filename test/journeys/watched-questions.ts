/** Users who ask a slow question and watch the answer, while tests inject faults into its worker. */
import { expect } from 'vitest';
import { signIn, type Client, type EventStream } from '../client.ts';
import { answerText } from '../fakes/gemini-behaviour.ts';
import type { FakeGemini } from '../fakes/gemini.ts';
import { liveReply } from '../live-reply.ts';

export interface Watched extends AsyncDisposable {
  readonly user: Client;
  readonly roomId: number;
  readonly replyId: number;
  readonly question: string;
  readonly live: EventStream;
}

/** Each user asks one question; resolves once every answer is streaming. `slow` is a sentinel of the fake. */
export async function askAndWatch(url: string, count: number, slow: string): Promise<Watched[]> {
  const watched = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const user = await signIn(url);
      const live = await user.events();
      const roomId = await user.room();
      const question = `Of ${user.number}, number ${n} [[chunks:60]]${slow}`;
      const { body } = await user.ask(roomId, question);
      const replyId: number = body.reply.id;
      return { user, roomId, replyId, question, live, [Symbol.asyncDispose]: () => live[Symbol.asyncDispose]() };
    }),
  );
  for (const { live, replyId } of watched) {
    await live.next((event) => event.type === 'reply.delta' && event.message_id === replyId && event.offset > 0);
  }
  return watched;
}

/** Waits for the end of an answer at `url`, and checks every promise about a reply that was taken over. */
export async function expectOnceAndWhole(
  one: Watched,
  fake: FakeGemini,
  attempts: number,
  url?: string,
): Promise<void> {
  const { user, roomId, replyId, question, live } = one;
  const at = url === undefined ? {} : { url };
  const reply = await user.waitForReply(roomId, { timeoutMs: 30_000, ...at });
  expect(reply).toMatchObject({
    id: replyId,
    status: 'complete',
    attempt: attempts,
    content: answerText(question, 60),
  });
  const { body: room } = await user.call('GET', `/chatroom/${roomId}/messages?include=pending`, at);
  expect(room).toHaveLength(2);
  expect((await user.call('GET', '/user/me', at)).body.daily_message_count).toBe(1);
  expect(fake.requests().filter((asked) => asked.question === question)).toHaveLength(attempts);
  if (url !== undefined) return;
  await live.next((event) => event.type === 'reply.completed' && event.message_id === replyId);
  expect(liveReply(live.received, replyId)).toMatchObject({
    text: reply.content,
    attempt: attempts,
    resets: attempts - 1,
    ended: { type: 'reply.completed', content: reply.content },
  });
}
