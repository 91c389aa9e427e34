/** Readers that reconnect at random, at any process, by stream or socket, while answers stream: they receive everything once, in order. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn, type Client, type EventStream, type ReceivedEvent } from '../client.ts';
import { scaled } from '../fault-scale.ts';
import { liveReply } from '../live-reply.ts';
import { fullestMode } from '../modes.ts';
import { randomFrom, seed, type Random } from '../random.ts';
import { openFeedSocket } from './feed-socket.ts';
import { startFeeds, type Feeds } from './feeds.ts';

const disconnects = scaled(200);
const readers = 4;
const roomsEach = 2;
/** A reader stays for at most this many events. */
const longestVisit = 3;

describe(`readers that reconnect at random, ${fullestMode.name}`, () => {
  let feeds: Feeds;
  beforeAll(async () => {
    feeds = await startFeeds(fullestMode);
  });
  afterAll(() => feeds[Symbol.asyncDispose]());

  async function opened(user: Client, random: Random, after?: string): Promise<EventStream> {
    const stream = await user.events({ url: feeds.url(random(feeds.running.length)), ...(after && { after }) });
    await expect.poll(() => stream.position, { interval: 5 }).not.toBe('');
    return stream;
  }

  /** Reads over many short connections until the last event; returns the events and the number of reconnects. */
  async function readInPieces(user: Client, random: Random, start: string, isLast: (event: ReceivedEvent) => boolean) {
    const seen: ReceivedEvent[] = [];
    let visits = 0;
    for (let after = start; !seen.some(isLast); visits++) {
      const visit = { after, url: feeds.url(random(feeds.running.length)) };
      const stream = await (random(2) === 0 ? user.events(visit) : openFeedSocket(user, visit));
      const events = random(longestVisit + 1);
      if (events > 0) await stream.next(() => stream.received.length >= events || stream.received.some(isLast));
      // Events that arrived count; those in flight are sent again.
      await stream[Symbol.asyncDispose]();
      seen.push(...stream.received);
      after = stream.position || after;
    }
    return { seen, visits };
  }

  async function follow(random: Random): Promise<number> {
    const user = await signIn(feeds.url(0));
    await using control = await opened(user, random);
    const start = control.position;
    const replies = await Promise.all(
      Array.from({ length: roomsEach }, async (_, n) => {
        const { body } = await user.ask(await user.room(), `Long story ${n} [[chunks:60]][[delay:25]]`);
        return body.reply.id as number;
      }),
    );
    const reading = readInPieces(
      user,
      random,
      start,
      ({ event }) => event.type === 'chatroom.created' && event.chatroom.name === 'Last',
    );
    for (const id of replies) {
      await control.next((event) => event.type === 'reply.completed' && event.message_id === id);
    }
    await user.room('Last');
    const { seen, visits } = await reading;
    await control.next((event) => event.type === 'chatroom.created' && event.chatroom.name === 'Last');
    expect(seen).toEqual(control.received);
    for (const id of replies) {
      const { text, ended } = liveReply(seen, id);
      expect(text).toBe(ended!.content);
    }
    return visits;
  }

  it(`${disconnects} times`, { timeout: 60_000 * Math.ceil(disconnects / 200) }, async () => {
    let done = 0;
    for (let first = seed; done < disconnects; first += readers) {
      const reading = Array.from({ length: readers }, (_, n) => follow(randomFrom(first + n)));
      const visits = await Promise.all(reading);
      done += visits.reduce((sum, count) => sum + count, 0);
    }
    expect(done).toBeGreaterThanOrEqual(disconnects);
  });
});
