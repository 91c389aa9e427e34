/** A reply that no worker could begin in time fails, with or without a worker. */
import { describe, expect } from 'vitest';
import { productTest } from '../fixtures.ts';
import { distributedPlace, startProduct } from '../harness.ts';
import { services } from '../services.ts';

const it = productTest({ open: distributedPlace, role: 'api' })
  // Asks a question, and moves it into the past.
  .extend('askAgo', ({ sql, user }) => async (ago: string, more = '') => {
    const roomId = await user.room();
    const { body } = await user.ask(roomId, 'Is anybody there?');
    const id: number = body.reply.id;
    await sql(`update replies set next_attempt_at = now() - $2::interval ${more} where message_id = $1`, [id, ago]);
    return { roomId, id };
  });

describe.skipIf(!services.postgres || !services.redis)('a reply that waits for a worker', () => {
  it('fails after 15 minutes and is refunded, without a running worker', async ({ user, askAgo }) => {
    const statusOf = async ({ roomId, id }: { roomId: number; id: number }) =>
      (await user.call('GET', `/chatroom/${roomId}/messages/${id}`)).body.status;
    await using live = await user.events();
    const begun = await askAgo('20 minutes', `, deadline_at = now() + interval '1 minute'`);
    const recent = await askAgo('14 minutes');
    const old = await askAgo('15 minutes 1 second');
    await live.next((event) => event.type === 'reply.failed' && event.message_id === old.id, 20_000);
    expect(await user.waitForReply(old.roomId)).toMatchObject({ status: 'failed', code: 'timed_out', charged: false });
    expect(await Promise.all([begun, recent].map(statusOf))).toEqual(['queued', 'queued']);
    expect((await user.call('GET', '/user/me')).body.daily_message_count).toBe(2);
  });

  it('fails also while the vendor has paused the model', async ({ place, running, sql, user, askAgo }) => {
    await sql(`insert into model_pauses values ($1, now() + interval '1 hour')`, [running.product.parts.models.ids[0]]);
    await using _worker = await startProduct(place, { role: 'worker' });
    const old = await askAgo('15 minutes 1 second');
    expect(await user.waitForReply(old.roomId)).toMatchObject({ status: 'failed', code: 'timed_out' });
  });
});
