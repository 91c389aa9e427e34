/** A reply that no worker could begin in time fails, with or without a worker. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { distributedPlace, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { services } from '../services.ts';
import { sqlOf, type Sql } from '../sql.ts';

describe.skipIf(!services.postgres || !services.redis)('a reply that waits for a worker', () => {
  let place: Place;
  let api: RunningProduct;
  let sql: Sql;
  let user: Client;

  beforeAll(async () => {
    place = await distributedPlace();
    api = await startProduct(place, { role: 'api' });
    sql = sqlOf(api);
    user = await signIn(api.url);
  });
  afterAll(async () => {
    await api[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  const usedToday = async () => (await user.call('GET', '/user/me')).body.daily_message_count;

  /** Asks a question, and moves it into the past. */
  async function askAgo(ago: string, more = ''): Promise<{ roomId: number; id: number }> {
    const roomId = await user.room();
    const { body } = await user.ask(roomId, 'Is anybody there?');
    await sql(`update replies set next_attempt_at = now() - $2::interval ${more} where message_id = $1`, [
      body.reply.id,
      ago,
    ]);
    return { roomId, id: body.reply.id };
  }
  const statusOf = async ({ roomId, id }: { roomId: number; id: number }) =>
    (await user.call('GET', `/chatroom/${roomId}/messages/${id}`)).body.status;

  it('fails after 15 minutes and is refunded, without a running worker', async () => {
    await using live = await user.events();
    const begun = await askAgo('20 minutes', `, deadline_at = now() + interval '1 minute'`);
    const recent = await askAgo('14 minutes');
    const old = await askAgo('15 minutes 1 second');
    await live.next((event) => event.type === 'reply.failed' && event.message_id === old.id, 20_000);
    expect(await user.waitForReply(old.roomId)).toMatchObject({ status: 'failed', code: 'timed_out', charged: false });
    expect(await Promise.all([begun, recent].map(statusOf))).toEqual(['queued', 'queued']);
    expect(await usedToday()).toBe(2);
  });

  it('fails also while the vendor has paused the model', async () => {
    await sql(`insert into model_pauses values ($1, now() + interval '1 hour')`, [api.product.parts.models.ids[0]]);
    await using _worker = await startProduct(place, { role: 'worker' });
    const old = await askAgo('15 minutes 1 second');
    expect(await user.waitForReply(old.roomId)).toMatchObject({ status: 'failed', code: 'timed_out' });
  });
});
