/** A database of an earlier version works with this one: messages, quotas and pending replies. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureSentence } from '../../server/languages/failed-reply.ts';
import { signIn } from '../client.ts';
import { emptyPlace, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';
import { setClock, sqlOf, type Sql } from '../sql.ts';
import { numbers, readAccounts, type AccountReading, type MessageReading } from './read-accounts.ts';
import { load, storedReading, type Stored } from './stored-database.ts';

/** Prevents claims until it is removed; deadlines and keys get the age of the test, not of the database. */
const holdStill = `
  insert into model_pauses values ('demo', now() + interval '1 hour');
  update messages set deadline_at = now() + interval '5 minutes', next_attempt_at = now()
    where status in ('queued', 'generating');
  update idempotency_keys set created_at = now();`;

/** An account that is not read: two concurrent questions with replies of later ids; a third; another reply to the first. */
const sentAtOnce = `
  insert into chatrooms (id, user_id, name) overriding system value values (900, 3, 'Sent at once');
  insert into messages (id, chatroom_id, user_id, is_from_user, content, status, in_reply_to) overriding system value values
    (901, 900, 3, true, 'One', 'complete', null), (902, 900, 3, true, 'Two', 'complete', null),
    (903, 900, 3, false, 'To one', 'complete', 901), (904, 900, 3, false, 'To two', 'complete', 902),
    (905, 900, 3, true, 'Three', 'complete', null), (906, 900, 3, false, 'To three', 'complete', 905),
    (907, 900, 3, false, 'To one again', 'complete', 901);`;

const environment = { BASIC_DAILY_LIMIT: '6', REPLY_QUEUE_MINUTES: '0' };

describeModes('a database of an earlier version', ({ place: makePlace, apis }) => {
  const embedded = apis === 1;

  describe.each([
    ['unchanged', null],
    ['once migrated to the tables before the split', '0010_missing_model'],
  ])('%s', (_name, last) => {
    let place: Place;
    let running: RunningProduct;
    let sql: Sql;
    let stored: Stored;

    beforeAll(async () => {
      place = embedded ? await emptyPlace() : await makePlace();
      stored = await storedReading();
      await load(place, last, `${holdStill} ${sentAtOnce}`);
      running = await startProduct(place, { environment, role: embedded ? 'all' : 'api' });
      sql = sqlOf(running);
      await setClock(sql, stored.taken_at);
    });
    afterAll(async () => {
      await running[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    });

    it('reads as before', async () => {
      const now = await readAccounts(running.url);
      for (const who of ['pro', 'basic'] as const) {
        expect(now[who]).toMatchObject(afterUpgrade(stored[who], { workerDied: embedded }));
      }
      expect(messagesOf(now.pro).map(({ status }) => status)).toContain('queued');
    });

    it('has pending replies in the queue, and all others in messages', async () => {
      const [count] = await sql<Record<string, number>>(
        `select count(*)::int as replies, count(*) filter (where status = 'queued')::int as queued,
           count(*) filter (where status = 'failed' and text <> '')::int as failed,
           count(*) filter (where charged_on is null)::int as refunded,
           (select count(*)::int from messages where not is_from_user and chatroom_id <> 900) as messages
         from replies where chatroom_id <> 900`,
      );
      const before = [...messagesOf(stored.pro), ...messagesOf(stored.basic)].filter((one) => !one.is_from_user);
      expect(count!.replies).toBe(before.length);
      expect(count!.messages).toBe(before.length);
      expect(count!.failed).toBe(before.filter(({ status }) => status === 'failed').length);
      expect(count!.refunded).toBe(count!.failed);
      expect(count!.queued).toBe(embedded ? 4 : 3);
    });

    it('is a tree: a question follows the newest reply of its time', async () => {
      const trees = stored.pro.rooms.find(({ room }) => room.name === 'Trees')!;
      const [first] = trees.all;
      const rows = await sql<{ parent: number | null }>(
        `select parent_id - $2::bigint as parent from messages where chatroom_id = $1 order by id`,
        [trees.room.id, first!.id],
      );
      // Four questions; three replies to the last, two to the second; two questions after that.
      expect(rows.map(({ parent }) => parent)).toEqual([null, 0, 1, 2, 3, 4, 5, 6, 6, 6, 2, 9, 11, 12, 13]);
    });

    it('is a tree also where questions were concurrent', async () => {
      const rows = await sql<{ parent: number | null }>(
        `select parent_id - 900 as parent from messages where chatroom_id = 900 order by id`,
      );
      expect(rows.map(({ parent }) => parent)).toEqual([null, 3, 1, 2, 4, 5, 1]);
    });

    it('replays an Idempotency-Key without a charge', async () => {
      const pro = await signIn(running.url, { number: numbers.pro });
      const kept = messagesOf(stored.pro).find(({ content }) => content === 'And a bay?')!;
      const room = stored.pro.rooms.find(({ all }) => all.includes(kept))!;
      const again = await pro.ask(room.room.id, kept.content, { 'idempotency-key': 'a-key-of-the-stored-database' });
      expect(again).toMatchObject({ status: 202, body: { id: kept.id } });
      expect((await pro.call('GET', '/user/me')).body).toMatchObject(stored.pro.me);
    });

    it('answers pending questions, then new ones, up to the daily limit', async () => {
      await sql(`delete from model_pauses where model = 'demo'`);
      await using _worker = embedded ? null : await startProduct(place, { environment, role: 'worker' });
      const unfinished = `select from replies where status in ('queued', 'generating')`;
      await expect.poll(async () => (await sql(unfinished)).length, { timeout: 30_000 }).toBe(0);
      const was = [...messagesOf(stored.pro), ...messagesOf(stored.basic)];
      const pending = was.filter(({ status }) => status === 'queued' || status === 'generating');
      const became = await sql<{ status: string }>(
        `select status from replies join messages on id = message_id where id = any ($1::bigint[]) and content <> ''`,
        [pending.map(({ id }) => id)],
      );
      expect(became.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'complete'));

      const basic = await signIn(running.url, { number: numbers.basic });
      const { id: roomId } = stored.basic.rooms[0]!.room;
      const last = messagesOf(stored.basic).at(-1)!.id;
      const { status, body } = await basic.ask(roomId, 'The last of today?');
      expect(status).toBe(202);
      // Ids of rolled back or deleted rows are not reused.
      expect(body.id).toBeGreaterThan(Math.max(last, ...was.map(({ id }) => id)));
      await basic.waitForReply(roomId, { messageId: body.id, timeoutMs: 30_000 });
      expect(await basic.ask(roomId, 'One more?')).toMatchObject({ status: 429 });
    });
  });
});

function messagesOf({ rooms }: AccountReading): MessageReading[] {
  return rooms.flatMap(({ all }) => all);
}

/** Of two pending replies to one question the newer continues; a generating one restarts once its worker is dead. */
function afterUpgrade(account: AccountReading, { workerDied }: { workerDied: boolean }): AccountReading {
  const rooms = account.rooms.map(({ room, all }) => {
    const now = all
      .filter((message) => isOnPath(message, all))
      .map((message): MessageReading => {
        const { status, in_reply_to } = message;
        const newer = all.some(
          (one) => one.in_reply_to === in_reply_to && one.id > message.id && one.status === 'queued',
        );
        if (status === 'failed') return { ...message, content: failureSentence('en', message.code!, false) };
        if (status === 'queued' && newer) return { ...message, status: 'cancelled' };
        return status === 'generating' && workerDied ? { ...message, status: 'queued', content: '' } : message;
      });
    return { room, all: now, finished: now.filter(({ status }) => status !== 'queued' && status !== 'generating') };
  });
  return { ...account, rooms };
}

/** All questions are on the path of a room, each with the newest reply at the time of the next question. */
function isOnPath({ id, in_reply_to: asked }: MessageReading, all: readonly MessageReading[]): boolean {
  if (asked === null) return true;
  const next = all.find((one) => one.is_from_user && one.id > asked)?.id ?? Infinity;
  return id === all.findLast((one) => one.in_reply_to === asked && one.id < next)?.id;
}
