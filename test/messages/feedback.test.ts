/** Rating of finished replies, by their owner only; all devices of the owner are informed. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { startProduct, type Place, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { sqlOf } from '../sql.ts';

describeModes('feedback', ({ place: makePlace, apis }) => {
  let place: Place;
  let running: RunningProduct;
  let elsewhere: RunningProduct | null = null;
  let user: Client;

  beforeAll(async () => {
    place = await makePlace();
    running = await startProduct(place, { environment: { BASIC_DAILY_LIMIT: '100' } });
    if (apis > 1) elsewhere = await startProduct(place, { role: 'api' });
    user = await signIn(running.url);
  });
  afterAll(async () => {
    await elsewhere?.[Symbol.asyncDispose]();
    await running[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  const pathOf = (roomId: number, id: number) => `/chatroom/${roomId}/messages/${id}`;
  const rate = (roomId: number, id: number, rating: unknown, client = user) =>
    client.call('PUT', `${pathOf(roomId, id)}/feedback`, { body: { rating } });
  const unrate = (roomId: number, id: number, client = user) => client.call('DELETE', `${pathOf(roomId, id)}/feedback`);
  const read = async (roomId: number, id: number) => (await user.call('GET', pathOf(roomId, id))).body;

  async function answered(): Promise<{ roomId: number; questionId: number; replyId: number }> {
    const roomId = await user.room();
    const { body } = await user.ask(roomId, 'Why?');
    await user.waitForReply(roomId);
    return { roomId, questionId: body.id, replyId: body.reply.id };
  }

  it('is stored with the reply, replaced and removed, without other changes', async () => {
    const { roomId, questionId, replyId } = await answered();
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

  it('is published to the other devices', async () => {
    const { roomId, questionId, replyId } = await answered();
    const again = await user.call('POST', `${pathOf(roomId, replyId)}/regenerate`);
    const versions = [replyId, again.body.reply.id];
    await user.waitForReply(roomId, { messageId: questionId });
    await using live = await user.events({ url: (elsewhere ?? running).url });
    await rate(roomId, replyId, 'up');
    const changed = { type: 'message.updated', chatroom_id: roomId, message_id: replyId, versions };
    const isUpdate = ({ type }: { type: string }) => type === 'message.updated';
    expect((await live.next(isUpdate)).event).toEqual({ ...changed, feedback: 'up' });
    await unrate(roomId, replyId);
    const removed = await live.next((event) => isUpdate(event) && event.feedback !== 'up');
    expect(removed.event).toEqual({ ...changed, feedback: null });
  });

  it('is refused for questions, for missing replies, and for other users', async () => {
    const { roomId, questionId, replyId } = await answered();
    await rate(roomId, replyId, 'up');
    const stranger = await signIn(running.url);
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

  it('is accepted only once the reply has ended, with any outcome', async () => {
    const { roomId, replyId } = await answered();
    const sql = sqlOf(running);
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
