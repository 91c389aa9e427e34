/** Regenerating a reply under concurrency: charged once, refused with a problem, never a 500. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Client } from '../client.ts';
import { scaled } from '../fault-scale.ts';
import { anyPlace, distributedPlace, type Place } from '../harness.ts';
import { askAndFinish, startApis, type Apis } from './finished-reply.ts';
import { services } from '../services.ts';
import { connectSql, waitingForLocks } from '../sql.ts';

const parallel = 50;
const rounds = scaled(3);

let apis: Apis;
let user: Client;
let roomId: number;
let replyId: number;

const start = async (makePlace: () => Promise<Place>, processes: number) => {
  apis = await startApis(makePlace, processes);
};
const stop = () => apis[Symbol.asyncDispose]();
const prepare = async () => {
  ({ user, roomId, replyId } = await askAndFinish(apis));
};

const regenerate = (id: number, url?: string): Promise<Answer> =>
  user.call('POST', `/chatroom/${roomId}/messages/${id}/regenerate`, url === undefined ? {} : { url });
const regenerateWith = (body: unknown, id = replyId): Promise<Answer> =>
  user.call('POST', `/chatroom/${roomId}/messages/${id}/regenerate`, { body });
const usedToday = async () => (await user.call('GET', '/user/me')).body.daily_message_count;
const unfinished = () =>
  apis.sql(`select message_id as id from replies where chatroom_id = $1 and status in ('queued', 'generating')`, [
    roomId,
  ]);
const reply_unfinished = { status: 409, body: { code: 'reply_unfinished' } };

describe('another reply', () => {
  beforeAll(() => start(anyPlace, 1));
  afterAll(stop);
  beforeEach(prepare);

  it('is refused while any reply to the same question is unfinished', async () => {
    const again = await regenerate(replyId);
    expect(again.status).toBe(202);
    for (const id of [replyId, again.body.reply.id]) expect(await regenerate(id)).toMatchObject(reply_unfinished);
    expect(await usedToday()).toBe(2);
    await apis.sql(`update replies set status = 'complete' where message_id = $1`, [again.body.reply.id]);
    expect((await regenerate(replyId)).status).toBe(202);
    expect(await usedToday()).toBe(3);
  });

  it('may be requested once cancellation of the unfinished one is requested', async () => {
    const again: number = (await regenerate(replyId)).body.reply.id;
    const taken = `update replies set status = 'generating', epoch = 1, worker_id = gen_random_uuid() where message_id = $1`;
    await apis.sql(taken, [again]);
    const stopped = await user.call('POST', `/chatroom/${roomId}/messages/${again}/cancel`);
    expect(stopped).toMatchObject({ status: 202, body: { status: 'generating' } });
    expect((await regenerate(again)).status).toBe(202);
    expect(await regenerate(again)).toMatchObject(reply_unfinished);
  });

  it('accepts a body, none, or an empty one', async () => {
    for (const body of [{}, { unknown: 1 }, undefined]) {
      const again = await regenerateWith(body);
      expect(again).toMatchObject({ status: 202 });
      await apis.sql(`update replies set status = 'complete' where message_id = $1`, [again.body.reply.id]);
    }
    for (const body of [null, [], { model: 1 }, { if_head_id: 'x' }, { model: '' }]) {
      expect(await regenerateWith(body)).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
    }
    const headers = { authorization: `Bearer ${user.tokens.access_token}`, 'content-type': 'application/json' };
    const url = `${apis.running[0]!.url}/chatroom/${roomId}/messages/${replyId}/regenerate`;
    expect((await fetch(url, { method: 'POST', headers, body: '' })).status).toBe(202);
    expect(await usedToday()).toBe(5);
  });

  it('comes from the model that the body names, if it is offered', async () => {
    const { ids } = apis.running[0]!.product.parts.models;
    const unknown = await regenerateWith({ model: 'made-up' });
    expect(unknown).toMatchObject({ status: 422, body: { errors: [{ pointer: '/model' }] } });
    expect(await usedToday()).toBe(1);
    const again = await regenerateWith({ model: ids[0] });
    expect(again.status).toBe(202);
    const stored = await apis.sql(`select model from replies where message_id in ($1, $2) order by message_id`, [
      replyId,
      again.body.reply.id,
    ]);
    expect(stored).toEqual([{ model: ids[0] }, { model: ids[0] }]);
    const asked = await user.call('POST', `/chatroom/${roomId}/message`, { body: { content: 'So?', model: ids[0] } });
    expect(await apis.sql(`select model from replies where message_id = $1`, [asked.body.reply.id])).toEqual([
      { model: ids[0] },
    ]);
  });

  it('is refused if the path has moved, and not charged', async () => {
    const { body } = await user.ask(roomId, 'Meanwhile');
    const moved = { status: 409, body: { code: 'head_moved', head_id: body.reply.id } };
    expect(await regenerateWith({ if_head_id: replyId })).toMatchObject(moved);
    expect(await usedToday()).toBe(2);
    expect((await regenerateWith({ if_head_id: body.reply.id })).status).toBe(202);
  });

  it('does not affect other questions of the room', async () => {
    const { body } = await user.ask(roomId, 'Another question');
    expect((await regenerate(replyId)).status).toBe(202);
    expect(await regenerate(body.reply.id)).toMatchObject(reply_unfinished);
  });
});

describe.skipIf(!services.postgres || !services.redis)('another reply, at two processes', () => {
  beforeAll(() => start(distributedPlace, 2));
  afterAll(stop);
  beforeEach(prepare);

  /** Requests another reply many times at once; returns the number of each status. */
  async function hammer(): Promise<Record<string, number>> {
    const answers = await Promise.all(
      Array.from({ length: parallel }, (_, n) => regenerate(replyId, apis.running[n % 2]!.url)),
    );
    for (const answer of answers) if (answer.status !== 202) expect(answer).toMatchObject(reply_unfinished);
    return Object.fromEntries(
      Object.entries(Object.groupBy(answers, ({ status }) => status)).map(([status, list]) => [status, list!.length]),
    );
  }

  it(`is created and charged once for ${parallel} concurrent requests`, { timeout: 60_000 }, async () => {
    for (let round = 0; round < rounds; round += 1) {
      await prepare();
      expect(await hammer()).toEqual({ 202: 1, 409: parallel - 1 });
      expect(await unfinished()).toHaveLength(1);
      expect(await usedToday()).toBe(2);
    }
  });

  it('is created once also with the last message of the day', async () => {
    await apis.sql(`update daily_usage set used = 4 where user_id = (select id from users where mobile_number = $1)`, [
      user.number,
    ]);
    expect(await hammer()).toEqual({ 202: 1, 409: parallel - 1 });
    expect(await usedToday()).toBe(5);
    const [made] = await unfinished();
    await apis.sql(`update replies set status = 'complete' where message_id = $1`, [made!.id]);
    expect(await regenerate(replyId)).toMatchObject({ status: 429, body: { code: 'daily_limit_reached' } });
  });

  it('is 404, and not charged, when its room is being deleted', async () => {
    await using deleting = await connectSql(apis.place);
    await deleting.sql('begin');
    await deleting.sql('delete from chatrooms where id = $1', [roomId]);
    const answer = regenerate(replyId);
    await expect.poll(() => waitingForLocks(apis.sql, 'room_id')).toBe(1);
    await deleting.sql('commit');
    expect(await answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await usedToday()).toBe(1);
  });
});
