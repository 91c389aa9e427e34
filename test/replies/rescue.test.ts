/** The sweep: replies past their deadline, and replies of dead workers. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { signIn, type Client } from '../client.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { anyPlace, askAt, startProduct, type RunningProduct } from '../harness.ts';
import { sqlOf, type Sql } from '../sql.ts';

const cleanUp = new AsyncDisposableStack();
let fake: FakeGemini;
let running: RunningProduct;
let sql: Sql;
beforeAll(async () => {
  fake = cleanUp.use(await startFakeGemini());
  const place = cleanUp.use(await anyPlace());
  running = cleanUp.use(await startProduct(place, { environment: askAt(fake) }));
  sql = sqlOf(running);
});
afterAll(() => cleanUp.disposeAsync());

const usedToday = async (user: Client) => (await user.call('GET', '/user/me')).body.daily_message_count;

/** Pauses the model for every worker, as a vendor's Retry-After does. */
const pauseModel = () =>
  sql(
    `insert into model_pauses (model, until) values ($1, now() + interval '1 minute')
     on conflict (model) do update set until = excluded.until`,
    [running.product.parts.models.ids[0]],
  );
const resumeModel = () => sql('delete from model_pauses');

/** Asks in separate rooms while the model is paused; returns the ids of the queued replies. */
async function askPaused(user: Client, count: number): Promise<{ roomId: number; replyId: number }[]> {
  await pauseModel();
  const asked = [];
  for (let n = 0; n < count; n++) {
    const roomId = await user.room();
    const { body } = await user.ask(roomId, `Asked while the model is paused ${n}`);
    asked.push({ roomId, replyId: body.reply.id as number });
  }
  return asked;
}

const statusOf = async (id: number) => {
  const [row] = await sql<{ status: string; content: string; epoch: number }>(
    `select status, coalesce(text, content) as content, epoch from replies join messages on id = message_id where id = $1`,
    [id],
  );
  return row!;
};

it('queued replies past their deadline fail while the model is paused, and each is refunded', async () => {
  const user = await signIn(running.url);
  await using live = await user.events();
  const asked = await askPaused(user, 3);
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
  expect(fake.requests().filter(({ question }) => question.startsWith('Asked while'))).toEqual([]);
  await resumeModel();
});

it("a dead worker's cancelled reply keeps its text; others are generated again", async () => {
  const user = await signIn(running.url);
  await using live = await user.events();
  const [stopped, deserted] = (await askPaused(user, 2)).map(({ replyId }) => replyId);
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
