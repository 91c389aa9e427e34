/** A generating reply belongs to its owner: no other user can cancel, read or regenerate it. */
import { expect } from 'vitest';
import { signIn } from '../client.ts';
import { askingTest } from '../fixtures.ts';

const it = askingTest();

it('another user cannot cancel a running reply through any room', async ({ url, user: owner }) => {
  const stranger = await signIn(url);
  const [roomId, strangersRoom] = [await owner.room(), await stranger.room()];
  await using live = await owner.events();
  const { body: asked } = await owner.ask(roomId, 'Leave me running [[chunks:40]][[delay:20]]');
  const replyId: number = asked.reply.id;
  await live.next((event) => event.type === 'reply.delta' && event.message_id === replyId);
  for (const room of [roomId, strangersRoom]) {
    for (const call of ['cancel', 'regenerate']) {
      const refused = await stranger.call('POST', `/chatroom/${room}/messages/${replyId}/${call}`);
      expect(refused).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    expect((await stranger.call('GET', `/chatroom/${room}/messages/${replyId}`)).status).toBe(404);
  }
  // Not through a wrong room of its owner either: that path does not exist.
  const elsewhere = await owner.room();
  expect((await owner.call('POST', `/chatroom/${elsewhere}/messages/${replyId}/cancel`)).status).toBe(404);
  await live.next((event) => event.type === 'reply.completed' && event.message_id === replyId);
  expect(await owner.waitForReply(roomId)).toMatchObject({ id: replyId, status: 'complete' });
});
