/** The live feed over a WebSocket: the events of the stream, in both modes, while the session is valid. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../client.ts';
import { liveReply } from '../live-reply.ts';
import { modes } from '../modes.ts';
import { openBrowserSocket, openFeedSocket, openSilently } from './feed-socket.ts';
import { receivedUpTo, startFeeds, type Feeds } from './feeds.ts';

for (const mode of modes) {
  describe.skipIf(!mode.possible)(`the socket, ${mode.name}`, () => {
    let feeds: Feeds;
    beforeAll(async () => {
      feeds = await startFeeds(mode);
    });
    afterAll(() => feeds[Symbol.asyncDispose]());

    it.each([
      ['npm’s ws', openFeedSocket],
      ['the class of browsers', openBrowserSocket],
    ])('sends %s the same events as the stream', async (_name, open) => {
      const user = await signIn(feeds.url(0));
      await using socket = await open(user, { url: feeds.url(1) });
      await using stream = await user.events();
      await expect.poll(() => stream.position).toBe(socket.position);
      const start = stream.position;
      const roomId = await user.room();
      const { body } = await user.ask(roomId, 'Tell me [[chunks:20]]');
      await stream.next((event) => event.type === 'reply.completed');
      await user.call('DELETE', `/chatroom/${roomId}`);
      const last = await stream.next((event) => event.type === 'chatroom.deleted');
      expect(await receivedUpTo(socket, last.id)).toEqual(stream.received);
      const { text, ended, deltas } = liveReply(socket.received, body.reply.id);
      expect(deltas).toBeGreaterThan(1);
      expect(text).toBe(ended!.content);
      const middle = stream.received[3]!;
      for (const [after, from] of [
        [start, 0],
        [middle.id, 4],
      ] as const) {
        await using resumed = await open(user, { after, url: feeds.url(0) });
        expect(await receivedUpTo(resumed, last.id)).toEqual(stream.received.slice(from));
      }
      await using lost = await open(user, { after: 'nowhere', url: feeds.url(0) });
      await lost.next((event) => event.type === 'feed.reset');
    });

    it('ends within a second after its session, with or without a hello', async () => {
      const user = await signIn(feeds.url(0));
      const sockets = [
        await openFeedSocket(user, { url: feeds.url(1) }),
        await openSilently(user, { url: feeds.url(1) }),
      ];
      await user.call('POST', '/auth/logout');
      const signedOutAt = performance.now();
      for (const socket of sockets) {
        expect(await socket.closed).toBe(4401);
        expect(socket.received.at(-1)?.event).toEqual({ type: 'session.ended', reason: 'signed_out' });
      }
      expect(performance.now() - signedOutAt).toBeLessThan(1000);
      await expect(openSilently(user, { url: feeds.url(0) })).rejects.toThrow('refused: 401');
    });
  });
}
