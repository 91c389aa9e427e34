/** Rating of finished replies, by their owner only; all devices of the owner are informed. */
import { expect } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { productTest, testModes } from '../fixtures.ts';
import type { Mode } from '../modes.ts';

const pathOf = (roomId: number, id: number) => `/chatroom/${roomId}/messages/${id}`;

const testIn = (mode: Mode) =>
  productTest({ mode, environment: { BASIC_DAILY_LIMIT: '100' } })
    .extend('rate', ({ user }) => (roomId: number, id: number, rating: unknown, client = user) => {
      return client.call('PUT', `${pathOf(roomId, id)}/feedback`, { body: { rating } });
    })
    .extend('unrate', ({ user }) => (roomId: number, id: number, client = user) => {
      return client.call('DELETE', `${pathOf(roomId, id)}/feedback`);
    })
    .extend('read', ({ user }) => async (roomId: number, id: number) => {
      return (await user.call('GET', pathOf(roomId, id))).body;
    })
    .extend('answered', async ({ user }) => {
      const roomId = await user.room();
      const { body } = await user.ask(roomId, 'Why?');
      await user.waitForReply(roomId);
      return { roomId, questionId: body.id as number, replyId: body.reply.id as number };
    });

testModes('feedback', testIn, (it) => {
  it.beforeAll(({ second }) => void second);

  it('is stored with the reply, replaced and removed, without other changes', async ({
    user,
    rate,
    unrate,
    read,
    answered,
  }) => {
    const { roomId, questionId, replyId } = answered;
    const before = await read(roomId, replyId);
    expect(before.feedback).toBe(null);
    const { body: room } = await user.call('GET', `/chatroom/${roomId}`);
    for (const rating of ['up', 'down', 'down']) {
      const rated = await rate(roomId, replyId, rating);
      expect(rated).toMatchObject({ status: 200, body: { ...before, feedback: rating } });
      expect(await read(roomId, replyId)).toEqual(rated.body);
    }
    const listed = (await user.call('GET', `/chatroom/${roomId}/messages`)).body;
    expect(listed.map(({ id, feedback }: Rated) => ({ id, feedback }))).toEqual([
      { id: questionId, feedback: null },
      { id: replyId, feedback: 'down' },
    ]);
    const exported = (await user.call('GET', `/chatroom/${roomId}/export?format=json`)).body;
    expect(exported.messages.map(({ feedback }: Rated) => feedback)).toEqual([null, 'down']);
    for (let i = 0; i < 2; i++) expect((await unrate(roomId, replyId)).status).toBe(204);
    expect(await read(roomId, replyId)).toEqual(before);
    expect((await user.call('GET', `/chatroom/${roomId}`)).body).toEqual(room);
  });

  it('is published to the other devices', async ({ second, user, rate, unrate, answered }) => {
    const { roomId, questionId, replyId } = answered;
    const again = await user.call('POST', `${pathOf(roomId, replyId)}/regenerate`);
    const versions = [replyId, again.body.reply.id];
    await user.waitForReply(roomId, { messageId: questionId });
    await using live = await user.events({ url: second.url });
    await rate(roomId, replyId, 'up');
    const changed = { type: 'message.updated', chatroom_id: roomId, message_id: replyId, versions };
    const isUpdate = ({ type }: { type: string }) => type === 'message.updated';
    expect((await live.next(isUpdate)).event).toEqual({ ...changed, feedback: 'up' });
    await unrate(roomId, replyId);
    const removed = await live.next((event) => isUpdate(event) && event.feedback !== 'up');
    expect(removed.event).toEqual({ ...changed, feedback: null });
  });

  it('is refused for questions, for missing replies, and for other users', async ({
    url,
    user,
    rate,
    unrate,
    read,
    answered,
  }) => {
    const { roomId, questionId, replyId } = answered;
    await rate(roomId, replyId, 'up');
    const stranger = await signIn(url);
    const notFound = { status: 404, body: { code: 'not_found' } };
    for (const call of [rate, (room: number, id: number, _: string, who?: Client) => unrate(room, id, who)]) {
      expect(await call(roomId, questionId, 'down')).toMatchObject(notFound);
      expect(await call(roomId, 2 ** 40, 'down')).toMatchObject(notFound);
      expect(await call(await user.room(), replyId, 'down')).toMatchObject(notFound);
      expect(await call(roomId, replyId, 'down', stranger)).toMatchObject(notFound);
      expect(await call(await stranger.room(), replyId, 'down', stranger)).toMatchObject(notFound);
    }
    for (const rating of ['Up', '', null, 1, undefined]) {
      expect(await rate(roomId, replyId, rating)).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/rating' }] },
      });
    }
    expect((await read(roomId, replyId)).feedback).toBe('up');
  });

  it('is accepted only once the reply has ended, with any outcome', async ({ sql, rate, unrate, read, answered }) => {
    const { roomId, replyId } = answered;
    const set = (status: string) => sql(`update replies set status = $2 where message_id = $1`, [replyId, status]);
    for (const status of ['failed', 'cancelled']) {
      await set(status);
      expect(await rate(roomId, replyId, 'down')).toMatchObject({ status: 200, body: { status, feedback: 'down' } });
    }
    // Held by a live worker according to the table, so that no worker takes it over.
    await sql(`insert into workers (id, seen_at) values (gen_random_uuid(), now() + interval '1 hour')`);
    await sql(
      `update replies set status = 'generating', deadline_at = now() + interval '1 hour',
         worker_id = (select id from workers order by seen_at desc limit 1) where message_id = $1`,
      [replyId],
    );
    expect(await rate(roomId, replyId, 'up')).toMatchObject({ status: 409, body: { code: 'reply_unfinished' } });
    expect(await unrate(roomId, replyId)).toMatchObject({ status: 409, body: { code: 'reply_unfinished' } });
    await set('complete');
    expect((await read(roomId, replyId)).feedback).toBe('down');
  });
});

interface Rated {
  readonly id: number;
  readonly feedback: string | null;
}
