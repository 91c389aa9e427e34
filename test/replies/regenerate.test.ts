/** Regenerating a reply under concurrency: charged once, refused with a problem, never a 500. */
import { describe, expect } from 'vitest';
import type { Answer } from '../client.ts';
import { scaled } from '../fault-scale.ts';
import { services } from '../services.ts';
import { connectSql, waitingForLocks, type Sql } from '../sql.ts';
import { askAndFinish, finishedReplyTest, type FinishedReply } from './finished-reply.ts';

const parallel = 50;
const rounds = scaled(3);

const it = finishedReplyTest();

const regenerate = ({ user, roomId }: FinishedReply, id: number, url?: string): Promise<Answer> =>
  user.call('POST', `/chatroom/${roomId}/messages/${id}/regenerate`, url === undefined ? {} : { url });
const regenerateWith = ({ user, roomId, replyId }: FinishedReply, body: unknown): Promise<Answer> =>
  user.call('POST', `/chatroom/${roomId}/messages/${replyId}/regenerate`, { body });
const usedToday = async ({ user }: FinishedReply) => (await user.call('GET', '/user/me')).body.daily_message_count;
const unfinished = (sql: Sql, { roomId }: FinishedReply) =>
  sql(`select message_id as id from replies where chatroom_id = $1 and status in ('queued', 'generating')`, [roomId]);
const reply_unfinished = { status: 409, body: { code: 'reply_unfinished' } };

describe('another reply', () => {
  it('is refused while any reply to the same question is unfinished', async ({ finished, sql }) => {
    const { replyId } = finished;
    const again = await regenerate(finished, replyId);
    expect(again.status).toBe(202);
    for (const id of [replyId, again.body.reply.id])
      expect(await regenerate(finished, id)).toMatchObject(reply_unfinished);
    expect(await usedToday(finished)).toBe(2);
    await sql(`update replies set status = 'complete' where message_id = $1`, [again.body.reply.id]);
    expect((await regenerate(finished, replyId)).status).toBe(202);
    expect(await usedToday(finished)).toBe(3);
  });

  it('may be requested once cancellation of the unfinished one is requested', async ({ finished, sql }) => {
    const { user, roomId, replyId } = finished;
    const again: number = (await regenerate(finished, replyId)).body.reply.id;
    const taken = `update replies set status = 'generating', epoch = 1, worker_id = gen_random_uuid() where message_id = $1`;
    await sql(taken, [again]);
    const stopped = await user.call('POST', `/chatroom/${roomId}/messages/${again}/cancel`);
    expect(stopped).toMatchObject({ status: 202, body: { status: 'generating' } });
    expect((await regenerate(finished, again)).status).toBe(202);
    expect(await regenerate(finished, again)).toMatchObject(reply_unfinished);
  });

  it('accepts a body, none, or an empty one', async ({ finished, sql, url }) => {
    const { user, roomId, replyId } = finished;
    for (const body of [{}, { unknown: 1 }, undefined]) {
      const again = await regenerateWith(finished, body);
      expect(again).toMatchObject({ status: 202 });
      await sql(`update replies set status = 'complete' where message_id = $1`, [again.body.reply.id]);
    }
    for (const body of [null, [], { model: 1 }, { if_head_id: 'x' }, { model: '' }]) {
      expect(await regenerateWith(finished, body)).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
    }
    const headers = { authorization: `Bearer ${user.tokens.access_token}`, 'content-type': 'application/json' };
    const path = `/chatroom/${roomId}/messages/${replyId}/regenerate`;
    expect((await fetch(`${url}${path}`, { method: 'POST', headers, body: '' })).status).toBe(202);
    expect(await usedToday(finished)).toBe(5);
  });

  it('comes from the model that the body names, if it is offered', async ({ finished, running, sql }) => {
    const { user, roomId, replyId } = finished;
    const { ids } = running.product.parts.models;
    const unknown = await regenerateWith(finished, { model: 'made-up' });
    expect(unknown).toMatchObject({ status: 422, body: { errors: [{ pointer: '/model' }] } });
    expect(await usedToday(finished)).toBe(1);
    const again = await regenerateWith(finished, { model: ids[0] });
    expect(again.status).toBe(202);
    const stored = await sql(`select model from replies where message_id in ($1, $2) order by message_id`, [
      replyId,
      again.body.reply.id,
    ]);
    expect(stored).toEqual([{ model: ids[0] }, { model: ids[0] }]);
    const asked = await user.call('POST', `/chatroom/${roomId}/message`, { body: { content: 'So?', model: ids[0] } });
    expect(await sql(`select model from replies where message_id = $1`, [asked.body.reply.id])).toEqual([
      { model: ids[0] },
    ]);
  });

  it('is refused if the path has moved, and not charged', async ({ finished }) => {
    const { user, roomId, replyId } = finished;
    const { body } = await user.ask(roomId, 'Meanwhile');
    const moved = { status: 409, body: { code: 'head_moved', head_id: body.reply.id } };
    expect(await regenerateWith(finished, { if_head_id: replyId })).toMatchObject(moved);
    expect(await usedToday(finished)).toBe(2);
    expect((await regenerateWith(finished, { if_head_id: body.reply.id })).status).toBe(202);
  });

  it('does not affect other questions of the room', async ({ finished }) => {
    const { user, roomId, replyId } = finished;
    const { body } = await user.ask(roomId, 'Another question');
    expect((await regenerate(finished, replyId)).status).toBe(202);
    expect(await regenerate(finished, body.reply.id)).toMatchObject(reply_unfinished);
  });
});

describe.skipIf(!services.postgres || !services.redis)('another reply, at two processes', () => {
  /** Requests another reply many times at once; returns the number of each status. */
  async function hammer(finished: FinishedReply, urls: readonly [string, string]): Promise<Record<string, number>> {
    const answers = await Promise.all(
      Array.from({ length: parallel }, (_, n) => regenerate(finished, finished.replyId, urls[n % 2])),
    );
    for (const answer of answers) if (answer.status !== 202) expect(answer).toMatchObject(reply_unfinished);
    return Object.fromEntries(
      Object.entries(Object.groupBy(answers, ({ status }) => status)).map(([status, list]) => [status, list!.length]),
    );
  }

  it(
    `is created and charged once for ${parallel} concurrent requests`,
    { timeout: 60_000 },
    async ({ second, sql, url }) => {
      for (let round = 0; round < rounds; round += 1) {
        const finished = await askAndFinish(url, sql);
        expect(await hammer(finished, [url, second.url])).toEqual({ 202: 1, 409: parallel - 1 });
        expect(await unfinished(sql, finished)).toHaveLength(1);
        expect(await usedToday(finished)).toBe(2);
      }
    },
  );

  it('is created once also with the last message of the day', async ({ finished, second, sql, url }) => {
    const { user, replyId } = finished;
    await sql(`update daily_usage set used = 4 where user_id = (select id from users where mobile_number = $1)`, [
      user.number,
    ]);
    expect(await hammer(finished, [url, second.url])).toEqual({ 202: 1, 409: parallel - 1 });
    expect(await usedToday(finished)).toBe(5);
    const [made] = await unfinished(sql, finished);
    await sql(`update replies set status = 'complete' where message_id = $1`, [made!.id]);
    expect(await regenerate(finished, replyId)).toMatchObject({ status: 429, body: { code: 'daily_limit_reached' } });
  });

  it('is 404, and not charged, when its room is being deleted', async ({ finished, place, sql }) => {
    const { roomId, replyId } = finished;
    await using deleting = await connectSql(place);
    await deleting.sql('begin');
    await deleting.sql('delete from chatrooms where id = $1', [roomId]);
    const answer = regenerate(finished, replyId);
    await expect.poll(() => waitingForLocks(sql, 'room_id')).toBe(1);
    await deleting.sql('commit');
    expect(await answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await usedToday(finished)).toBe(1);
  });
});
