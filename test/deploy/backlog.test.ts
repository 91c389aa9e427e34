/** The backlog metrics count replies that wait for a free worker, and none that wait for another reason. */
import { describe, expect } from 'vitest';
import { builtInPlans } from '../built-in-plans.ts';
import { readBacklog, type Backlog } from '../../server/replies/backlog-store.ts';
import type { Database } from '../../server/ports/database.ts';
import { askingTest } from '../fixtures.ts';
import { scrape } from './scrape.ts';

const plans = builtInPlans(100);
const it = askingTest({ environment: { BASIC_DAILY_LIMIT: '100' } }).extend(
  'db',
  { scope: 'file' },
  ({ running }) => running.product.parts.db,
);

describe('the backlog', () => {
  it('excludes a question that waits for the reply before it', async ({ db, gemini, url, user }) => {
    gemini.next({ kind: 'answer', broken: { chunks: 1, how: 'hang' } });
    const room = await user.room();
    const first = await user.ask(room, 'One');
    await expect.poll(async () => (await scrape(url)).value('pollux_replies_active')).toBe(1);
    const second = await user.ask(room, 'Two');
    expect(await readBacklog(db, plans)).toMatchObject({
      depth: 0,
      oldestSeconds: 0,
      workersAlive: 1,
    });
    await user.call('POST', `/chatroom/${room}/messages/${first.body.reply.id}/cancel`);
    await user.waitForReply(room, { messageId: second.body.id });
  });

  it('excludes replies beyond the number that the plan allows at once', async ({ db, gemini, running, user }) => {
    gemini.next(
      { kind: 'answer', broken: { chunks: 1, how: 'hang' } },
      { kind: 'answer', broken: { chunks: 1, how: 'hang' } },
    );
    const asked = [];
    for (let n = 0; n < 4; n++) {
      const room = await user.room();
      asked.push({ room, ...(await user.ask(room, `Number ${n}`)).body });
    }
    await expect.poll(() => running.product.worker!.activeReplies()).toBe(2);
    expect(await readBacklog(db, plans)).toMatchObject({ depth: 0, oldestSeconds: 0 });
    for (const { room, reply } of asked.slice(0, 2)) {
      await user.call('POST', `/chatroom/${room}/messages/${reply.id}/cancel`);
    }
    for (const { room, id } of asked) await user.waitForReply(room, { messageId: id });
  });

  it('excludes replies of a model that the vendor paused, and counts their wait from the end of the pause', async ({
    db,
    sql,
    user,
  }) => {
    await sql(`insert into model_pauses values ('gemini-3.5-flash-lite', now() + interval '1 hour')`);
    const room = await user.room();
    const asked = await user.ask(room, 'Later');
    await sql(`update replies set next_attempt_at = now() - interval '100 seconds' where message_id = $1`, [
      asked.body.reply.id,
    ]);
    expect(await readBacklog(db, plans)).toMatchObject({ depth: 0, oldestSeconds: 0 });
    expect(await backlogAfter(db, `update model_pauses set until = now() - interval '3 seconds'`)).toMatchObject({
      depth: 1,
      oldestSeconds: expect.closeTo(3, 1),
    });
    expect(await backlogAfter(db, `delete from model_pauses`)).toMatchObject({
      depth: 1,
      oldestSeconds: expect.closeTo(100, -1),
    });
    await sql(`delete from model_pauses`);
    await user.waitForReply(room);
  });
});

/** The backlog after a statement that is then rolled back. */
async function backlogAfter(db: Database, text: string): Promise<Backlog> {
  let seen: Backlog | undefined;
  const rollBack = new Error('roll back');
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
