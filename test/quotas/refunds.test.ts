/** Failed replies are refunded once, whichever process ends them, on the day of the charge. */
import { describe, expect } from 'vitest';
import type { Client } from '../client.ts';
import { askingTest } from '../fixtures.ts';
import { services } from '../services.ts';
import { connectSql, setClock, usageByDay, waitingForLocks } from '../sql.ts';

/** How long after a reply's deadline the sweep waits for its worker. */
const sweepGraceMs = 5000;
const failing = 'with held as (';

const usedToday = async (user: Client) => (await user.call('GET', '/user/me')).body.daily_message_count;

const it = askingTest()
  .extend('holder', { scope: 'file' }, async ({ place }, { onCleanup }) => {
    const holder = await connectSql(place);
    onCleanup(() => holder[Symbol.asyncDispose]());
    return holder;
  })
  // Both lock the reply's row, then the day's: a lock on the day's row stops the first between the two. Returns the
  // code with which the reply failed.
  .extend('failTwice', ({ holder, running, sql, user }) => async (modelFailsMs: number, overdueInMs: number) => {
    const [roomId, other] = [await user.room(), await user.room()];
    await user.ask(other, 'Stays charged');
    const { body } = await user.ask(roomId, `Fails [[first:${modelFailsMs}]][[finish:SAFETY]]`);
    const id = body.reply.id;
    const status = () => sql('select status from replies where message_id = $1', [id]);
    await expect.poll(status).toEqual([{ status: 'generating' }]);
    await holder.sql('begin');
    await holder.sql(
      `select from daily_usage where user_id = (select id from users where mobile_number = $1) for update`,
      [user.number],
    );
    const deadline = `update replies set deadline_at = now() + make_interval(secs => $2::float8 / 1000) where message_id = $1`;
    await sql(deadline, [id, overdueInMs - sweepGraceMs]);
    await expect.poll(() => waitingForLocks(sql, failing), { timeout: 10_000 }).toBe(2);
    await holder.sql('commit');
    const reply = await user.waitForReply(roomId);
    await expect.poll(() => waitingForLocks(sql, failing)).toBe(0);
    await expect.poll(() => running.product.worker!.activeReplies()).toBe(0);
    expect(await usedToday(user)).toBe(1);
    return reply.code;
  });

describe('refunds', () => {
  it('cover every failure of a day, so that all its messages can be sent again', async ({ user }) => {
    const rooms = await Promise.all(Array.from({ length: 5 }, () => user.room()));
    for (const round of [1, 2]) {
      const asked = await Promise.all(
        rooms.map((roomId) => user.ask(roomId, `Refused in round ${round} [[fail:400]]`)),
      );
      expect(asked.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
      for (const [index, roomId] of rooms.entries()) {
        const reply = await user.waitForReply(roomId, { messageId: asked[index]!.body.id });
        expect(reply).toMatchObject({ status: 'failed', code: 'request_refused' });
      }
      expect(await usedToday(user)).toBe(0);
    }
  });

  it('are published with the failure and the remaining quota', async ({ user }) => {
    const roomId = await user.room();
    await using live = await user.events();
    await user.ask(roomId, 'Unsafe [[block:SAFETY]]');
    await live.next((event) => event.type === 'quota.changed' && event.remaining_today === 4);
    const { event } = await live.next(({ type }) => type === 'reply.failed');
    expect(event).toMatchObject({ message: { status: 'failed', code: 'safety_blocked' } });
    await live.next((event) => event.type === 'quota.changed' && event.remaining_today === 5);
  });

  it('apply to the day of the charge, never to another', async ({ sql, user }) => {
    const [late, early] = [await user.room(), await user.room()];
    try {
      await setClock(sql, '2032-02-28T23:59:59.9Z');
      await user.ask(late, 'Fails tomorrow [[first:1500]][[finish:SAFETY]]');
      await user.ask(early, 'Asked today');
      await setClock(sql, '2032-02-29T00:00:00.1Z');
      await user.ask(early, 'Asked tomorrow');
      expect((await user.waitForReply(late)).status).toBe('failed');
      expect(await usageByDay(sql, user.number)).toEqual([
        { day: '2032-02-28', used: 1 },
        { day: '2032-02-29', used: 1 },
      ]);
    } finally {
      await setClock(sql, null);
    }
  });

  it('are not made for a reply that was cancelled or whose room was deleted', async ({ gemini, user }) => {
    const [stopped, gone] = [await user.room(), await user.room()];
    const { body } = await user.ask(stopped, 'Never mind [[first:5000]]');
    await user.ask(gone, 'Fails unseen [[first:300]][[finish:SAFETY]]');
    await user.call('POST', `/chatroom/${stopped}/messages/${body.reply.id}/cancel`);
    await user.call('DELETE', `/chatroom/${gone}`);
    expect((await user.waitForReply(stopped)).status).toBe('cancelled');
    await expect.poll(() => gemini.stats().open).toBe(0);
    expect(await usedToday(user)).toBe(2);
  });
});

describe.skipIf(!services.postgres || !services.redis)(
  'a worker and the sweep that fail one reply concurrently',
  () => {
    it('refund once when the sweep is first', async ({ failTwice }) => {
      expect(await failTwice(2500, 0)).toBe('timed_out');
    });

    it('refund once when the worker is first', async ({ failTwice }) => {
      expect(await failTwice(1000, 2500)).toBe('safety_blocked');
    });
  },
);
