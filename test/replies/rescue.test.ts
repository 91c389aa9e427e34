/** The sweep: replies past their deadline, and replies of dead workers. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Client } from '../client.ts';
import { askingTest } from '../fixtures.ts';

const usedToday = async (user: Client) => (await user.call('GET', '/user/me')).body.daily_message_count;

const it = askingTest()
  // Asks in separate rooms while the model is paused for every worker, as by a vendor's Retry-After.
  .extend('askPaused', ({ running, sql, user }) => async (count: number) => {
    await sql(
      `insert into model_pauses (model, until) values ($1, now() + interval '1 minute')
       on conflict (model) do update set until = excluded.until`,
      [running.product.parts.models.ids[0]],
    );
    const asked = [];
    for (let n = 0; n < count; n++) {
      const roomId = await user.room();
      const { body } = await user.ask(roomId, `Asked while the model is paused ${n}`);
      asked.push({ roomId, replyId: body.reply.id as number });
    }
    return asked;
  })
  .extend(
    'resumeModel',
    ({ sql }) =>
      () =>
        sql('delete from model_pauses'),
  )
  .extend('statusOf', ({ sql }) => async (id: number) => {
    const [row] = await sql<{ status: string; content: string; epoch: number }>(
      `select status, coalesce(text, content) as content, epoch from replies join messages on id = message_id where id = $1`,
      [id],
    );
    return row!;
  });

it('queued replies past their deadline fail while the model is paused, and each is refunded', async ({
  gemini,
  sql,
  user,
  askPaused,
  resumeModel,
}) => {
  await using live = await user.events();
  const asked = await askPaused(3);
  expect(await usedToday(user)).toBe(3);
  const ids = asked.map(({ replyId }) => replyId);
  // Overdue together, so that one sweep refunds several on one day.
  await sql(`update replies set deadline_at = now() - interval '1 second' where message_id = any ($1::bigint[])`, [
    ids,
  ]);
  for (const { roomId, replyId } of asked) {
    const { event } = await live.next((event) => event.type === 'reply.failed' && event.message_id === replyId);
    expect(event).toMatchObject({ message: { status: 'failed', code: 'timed_out' } });
    expect(await user.waitForReply(roomId)).toMatchObject({ id: replyId, code: 'timed_out' });
  }
  expect(await usedToday(user)).toBe(0);
  expect(gemini.requests().filter(({ question }) => question.startsWith('Asked while'))).toEqual([]);
  await resumeModel();
});

it("a dead worker's cancelled reply keeps its text; others are generated again", async ({
  sql,
  user,
  askPaused,
  resumeModel,
  statusOf,
}) => {
  await using live = await user.events();
  const [stopped, deserted] = (await askPaused(2)).map(({ replyId }) => replyId);
  await sql(
    `update replies set status = 'generating', worker_id = $1, epoch = 1, text = 'Half an answer',
       cancel_requested = (message_id = $2), deadline_at = now() + interval '1 minute'
     where message_id = any ($3::bigint[])`,
    [randomUUID(), stopped, [stopped, deserted]],
  );
  const { event } = await live.next((event) => event.type === 'reply.cancelled', 20_000);
  expect(event).toMatchObject({ message_id: stopped, message: { content: 'Half an answer' } });
  expect(await statusOf(stopped!)).toMatchObject({ status: 'cancelled', content: 'Half an answer' });
  await live.next((event) => event.type === 'reply.reset' && event.message_id === deserted);
  expect(await statusOf(deserted!)).toMatchObject({ status: 'queued', content: '' });
  await resumeModel();
  const { event: done } = await live.next((event) => event.type === 'reply.completed');
  expect(done).toMatchObject({ message_id: deserted });
  expect(await statusOf(deserted!)).toMatchObject({ status: 'complete', epoch: 2 });
  // A cancelled reply stays charged; so does an answered one.
  expect(await usedToday(user)).toBe(2);
});
