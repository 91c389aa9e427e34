/** Resuming the live feed: from every position, in every process, without gap or repeat. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEventStream, request, signIn, type Client, type EventStream } from '../client.ts';
import { liveReply } from '../live-reply.ts';
import { modes } from '../modes.ts';
import { receivedUpTo, startFeeds, type Feeds } from './feeds.ts';

const bearer = (user: Client) => ({ authorization: `Bearer ${user.tokens.access_token}` });
const positioned = (stream: EventStream) => expect.poll(() => stream.position).not.toBe('');

/** Asks, and waits until the live stream has received the end. */
async function watchAnswer(user: Client, roomId: number, live: EventStream): Promise<number> {
  const { body } = await user.ask(roomId, `Tell me [[chunks:25]][[delay:15]]`);
  await live.next((event) => event.type === 'reply.completed' && event.message_id === body.reply.id);
  return body.reply.id;
}

for (const mode of modes) {
  describe.skipIf(!mode.possible)(`resuming, ${mode.name}`, () => {
    let feeds: Feeds;
    beforeAll(async () => {
      feeds = await startFeeds(mode);
    });
    afterAll(() => feeds[Symbol.asyncDispose]());

    it('continues after any event, in either process', async () => {
      const user = await signIn(feeds.url(0));
      await using live = await user.events();
      await positioned(live);
      const start = live.position;
      const roomId = await user.room();
      const replyId = await watchAnswer(user, roomId, live);
      await user.call('DELETE', `/chatroom/${roomId}`);
      const last = await live.next((event) => event.type === 'chatroom.deleted');
      const all = [...live.received];
      expect(liveReply(all, replyId).deltas).toBeGreaterThan(3);
      const positions = [start, ...all.map(({ id }) => id)];
      await Promise.all(
        positions.map(async (after, index) => {
          await using resumed = await user.events({ after, url: feeds.url(index) });
          if (index < all.length) expect(await receivedUpTo(resumed, last.id)).toEqual(all.slice(index));
          else await expect.poll(() => resumed.position).toBe(last.id);
        }),
      );
    });

    it('accepts the position in the query too, for a first request', async () => {
      const user = await signIn(feeds.url(0));
      await using live = await user.events();
      await positioned(live);
      await user.room('Seen');
      const { id } = await live.next(() => true);
      await user.room('Missed');
      await using resumed = await openEventStream(`${feeds.url(1)}/events?last_event_id=${id}`, bearer(user));
      const { event } = await resumed.next(() => true);
      expect(event).toMatchObject({ type: 'chatroom.created', chatroom: { name: 'Missed' } });
    });

    const hostile = [
      '-1',
      '-1-0',
      '0x10-0',
      '1e12-0',
      '18446744073709551615-18446744073709551615',
      "1-1'; --",
      '\\u0000',
    ];
    it.each(['', '-', '0-0', '1-1', 'nonsense', '9999999999999-0', '💥'.repeat(5), 'x'.repeat(64), ...hostile])(
      'continues at the current position, after feed.reset unless %j is empty',
      async (after) => {
        const user = await signIn(feeds.url(0));
        await user.room();
        const query = encodeURIComponent(after);
        await using resumed = await openEventStream(`${feeds.url(1)}/events?last_event_id=${query}`, bearer(user));
        if (after !== '') await resumed.next((event) => event.type === 'feed.reset');
        await positioned(resumed);
        await using again = await user.events({ after: resumed.position });
        await user.room('Afterwards');
        for (const stream of [resumed, again]) {
          const { event } = await stream.next((event) => event.type === 'chatroom.created');
          expect(event).toMatchObject({ chatroom: { name: 'Afterwards' } });
        }
        expect(again.received.some(({ event }) => event.type === 'feed.reset')).toBe(false);
      },
    );

    it("accepts neither another user's position nor one that is too long", async () => {
      const [user, stranger] = [await signIn(feeds.url(0)), await signIn(feeds.url(1))];
      await using theirs = await stranger.events();
      await stranger.room('Theirs');
      const { id } = await theirs.next(() => true);
      await user.room('Mine');
      await using mine = await user.events({ after: id });
      await mine.next((event) => event.type === 'feed.reset');
      expect(JSON.stringify(mine.received)).not.toContain('Theirs');
      for (const position of ['x'.repeat(65), '1-0'.repeat(2000)]) {
        const headers = { ...bearer(user), 'last-event-id': position };
        const refused = await request('GET', `${feeds.url(0)}/events`, { headers });
        expect(refused).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
      }
    });

    it('can be limited to one room, resumes there, and shows no room of another user', async () => {
      const user = await signIn(feeds.url(0));
      const [mine, other] = [await user.room('Mine'), await user.room('Other')];
      await using wide = await user.events();
      await positioned(wide);
      await using narrow = await user.events({ roomId: mine, url: feeds.url(1) });
      const start = wide.position;
      await watchAnswer(user, other, wide);
      await watchAnswer(user, mine, wide);
      const last = await wide.next((event) => event.type === 'reply.completed' && event.chatroom_id === mine);
      const inRoom = wide.received.filter(({ event }) => 'chatroom_id' in event && event.chatroom_id === mine);
      expect(await receivedUpTo(narrow, last.id)).toEqual(inRoom);
      await using resumed = await user.events({ roomId: mine, after: start, url: feeds.url(1) });
      expect(await receivedUpTo(resumed, last.id)).toEqual(inRoom);
      const stranger = await signIn(feeds.url(1));
      for (const roomId of [mine, 987_654_321]) {
        const refused = await request('GET', `${feeds.url(0)}/events?chatroom_id=${roomId}`, {
          headers: bearer(stranger),
        });
        expect(refused).toMatchObject({ status: 404, body: { code: 'not_found' } });
      }
    });

    it('contains no events of other users', async () => {
      const [user, stranger] = [await signIn(feeds.url(0)), await signIn(feeds.url(1))];
      await using theirs = await stranger.events({ url: feeds.url(0) });
      await using mine = await user.events();
      await user.room('Private');
      await mine.next((event) => event.type === 'chatroom.created');
      await stranger.room('Own');
      await theirs.next((event) => event.type === 'chatroom.created');
      expect(JSON.stringify(theirs.received)).not.toContain('Private');
    });
  });
}
