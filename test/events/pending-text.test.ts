/** A device that opens a room during an answer: the text it reads and the deltas after it form the whole text. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../contract/messages.ts';
import { signIn, type Client, type ReceivedEvent } from '../client.ts';
import { scaled } from '../fault-scale.ts';
import { fullestMode } from '../modes.ts';
import { randomFrom, seed, type Random } from '../random.ts';
import { startFeeds, type Feeds } from './feeds.ts';

const latecomers = scaled(25);
const answerMs = 2000;

/** The text that was read, continued with deltas of the same attempt; throws when a delta does not follow. */
function continued(read: Message, received: readonly ReceivedEvent[]): string {
  let text = read.content;
  for (const { event } of received) {
    if (event.type !== 'reply.delta' || event.message_id !== read.id || event.attempt !== read.attempt) continue;
    if (event.offset > text.length) throw new Error(`a gap: have ${text.length}, delta at ${event.offset}`);
    text += event.text.slice(text.length - event.offset);
  }
  return text;
}

describe(`opening a room during an answer, ${fullestMode.name}`, () => {
  let feeds: Feeds;
  beforeAll(async () => {
    feeds = await startFeeds(fullestMode);
  });
  afterAll(() => feeds[Symbol.asyncDispose]());

  /** Subscribes, then reads, at a random time and process. */
  async function arriveLate(user: Client, random: Random, roomId: number, replyId: number) {
    await pause(random(answerMs));
    const [url, other] = [feeds.url(random(2)), feeds.url(random(2))];
    await using stream = await user.events({ url });
    const list = await user.call('GET', `/chatroom/${roomId}/messages?include=pending`, { url: other });
    const one = await user.call('GET', `/chatroom/${roomId}/messages/${replyId}`, { url: other });
    const listed = list.body.find(({ id }: Message) => id === replyId);
    if (listed.status !== 'complete') await stream.next((event) => event.type === 'reply.completed');
    return {
      texts: [continued(listed, stream.received), continued(one.body, stream.received)],
      inTime: listed.status === 'generating' && listed.content !== '',
    };
  }

  it(`${latecomers} times`, { timeout: 60_000 + latecomers * 200 }, async () => {
    const user = await signIn(feeds.url(0));
    const roomId = await user.room();
    const { body } = await user.ask(roomId, 'A long answer [[chunks:80]][[delay:25]]');
    const arrived = await Promise.all(
      Array.from({ length: latecomers }, (_, n) => arriveLate(user, randomFrom(seed + n), roomId, body.reply.id)),
    );
    const { content } = await user.waitForReply(roomId);
    for (const { texts } of arrived) expect(texts).toEqual([content, content]);
    expect(arrived.filter(({ inTime }) => inTime).length).toBeGreaterThan(latecomers / 3);
  });
});
