/** The backlog metrics count replies that wait for a free worker, and none that wait for another reason. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtInPlans } from '../built-in-plans.ts';
import { readBacklog, type Backlog } from '../../server/replies/backlog-store.ts';
import { signIn, type Client } from '../client.ts';
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { anyPlace, askAt, startProduct, type RunningProduct } from '../harness.ts';
import { sqlOf, type Sql } from '../sql.ts';
import { scrape } from './scrape.ts';

const plans = builtInPlans(100);
const cleanUp = new AsyncDisposableStack();
let gemini: FakeGemini;
let running: RunningProduct;
let sql: Sql;
let person: Client;

beforeAll(async () => {
  const place = cleanUp.use(await anyPlace());
  gemini = cleanUp.use(await startFakeGemini());
  running = cleanUp.use(await startProduct(place, { environment: { ...askAt(gemini), BASIC_DAILY_LIMIT: '100' } }));
  sql = sqlOf(running);
  person = await signIn(running.url);
});

afterAll(() => cleanUp.disposeAsync());

describe('the backlog', () => {
  it('excludes a question that waits for the reply before it', async () => {
    gemini.next({ kind: 'answer', broken: { chunks: 1, how: 'hang' } });
    const room = await person.room();
    const first = await person.ask(room, 'One');
    await expect.poll(async () => (await scrape(running.url)).value('pollux_replies_active')).toBe(1);
    const second = await person.ask(room, 'Two');
    expect(await readBacklog(running.product.parts.db, plans)).toMatchObject({
      depth: 0,
      oldestSeconds: 0,
      workersAlive: 1,
    });
    await person.call('POST', `/chatroom/${room}/messages/${first.body.reply.id}/cancel`);
    await person.waitForReply(room, { messageId: second.body.id });
  });

  it('excludes replies beyond the number that the plan allows at once', async () => {
    gemini.next(
      { kind: 'answer', broken: { chunks: 1, how: 'hang' } },
      { kind: 'answer', broken: { chunks: 1, how: 'hang' } },
    );
    const asked = [];
    for (let n = 0; n < 4; n++) {
      const room = await person.room();
      asked.push({ room, ...(await person.ask(room, `Number ${n}`)).body });
    }
    await expect.poll(() => running.product.worker!.activeReplies()).toBe(2);
    expect(await readBacklog(running.product.parts.db, plans)).toMatchObject({ depth: 0, oldestSeconds: 0 });
    for (const { room, reply } of asked.slice(0, 2)) {
      await person.call('POST', `/chatroom/${room}/messages/${reply.id}/cancel`);
    }
    for (const { room, id } of asked) await person.waitForReply(room, { messageId: id });
  });

  it('excludes replies of a model that the vendor paused, and counts their wait from the end of the pause', async () => {
    await sql(`insert into model_pauses values ('gemini-3.5-flash-lite', now() + interval '1 hour')`);
    const other = await signIn(running.url);
    const room = await other.room();
    const asked = await other.ask(room, 'Later');
    await sql(`update replies set next_attempt_at = now() - interval '100 seconds' where message_id = $1`, [
      asked.body.reply.id,
    ]);
    expect(await readBacklog(running.product.parts.db, plans)).toMatchObject({ depth: 0, oldestSeconds: 0 });
    expect(await backlogAfter(`update model_pauses set until = now() - interval '3 seconds'`)).toMatchObject({
      depth: 1,
      oldestSeconds: expect.closeTo(3, 1),
    });
    expect(await backlogAfter(`delete from model_pauses`)).toMatchObject({
      depth: 1,
      oldestSeconds: expect.closeTo(100, -1),
    });
    await sql(`delete from model_pauses`);
    await other.waitForReply(room);
  });
});

/** The backlog after a statement that is then rolled back. */
async function backlogAfter(text: string): Promise<Backlog> {
  let seen: Backlog | undefined;
  const rollBack = new Error('roll back');
  const { db } = running.product.parts;
  await db
    .transaction(async (tx) => {
      await tx.run({ name: '', text }, []);
      seen = await readBacklog(tx, plans);
      throw rollBack;
    })
    .catch((error: unknown) => {
      if (error !== rollBack) throw error;
    });
  return seen!;
}
