/** Claims: each reply once with any number of workers, without waiting for each other, and no write after a lost claim. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { builtInPlans } from '../built-in-plans.ts';
import { claimReplies, type Claim } from '../../server/replies/claim-store.ts';
import { failureOf } from '../../server/replies/failure.ts';
import { planTurns } from '../../server/replies/plan-turns.ts';
import { checkpointReplies, failReply, finishReply, releaseReply, type Ownership } from '../../server/replies/store.ts';
import { distributedPlace, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { services } from '../services.ts';
import { connectSql, sqlOf, waitingForLocks, type Sql } from '../sql.ts';

const claimers = 16;
const queued = 400;
const rounds = 3;
const turns = planTurns(() => ({ Basic: 1, Pro: 4 }));
const options = { timeoutMs: 60_000, models: ['any'], plans: builtInPlans(5), turns, mayTakeLastChance: true };

let place: Place;
let running: RunningProduct;
let sql: Sql;

describe.skipIf(!services.postgres || !services.redis)('claims', () => {
  beforeAll(async () => {
    place = await distributedPlace();
    running = await startProduct(place, { role: 'api' });
    sql = sqlOf(running);
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });
  beforeEach(() => sql('delete from messages'));

  const claim = (workerId: string, limit: number): Promise<Claim[]> =>
    claimReplies(running.product.parts.db, { ...options, workerId, limit });

  /** Queues replies, each the first of a different user and room. */
  async function queue(count: number): Promise<number[]> {
    const rows = await sql<{ id: number }>(
      `with people as (
        insert into users (mobile_number) select gen_random_uuid()::text from generate_series(1, $1::int) returning id
      ), rooms as (
        insert into chatrooms (user_id, name) select id, 'Room' from people returning id, user_id
      ), questions as (
        insert into messages (chatroom_id, user_id, is_from_user, content)
        select id, user_id, true, 'Question' from rooms returning id, chatroom_id, user_id
      ), answers as (
        insert into messages (chatroom_id, user_id, is_from_user, parent_id)
        select chatroom_id, user_id, false, id from questions returning id, parent_id, chatroom_id, user_id
      )
      insert into replies (message_id, question_id, chatroom_id, user_id, status, next_attempt_at)
      select id, parent_id, chatroom_id, user_id, 'queued', now() - interval '1 second' from answers
      returning message_id as id`,
      [count],
    );
    return rows.map(({ id }) => id);
  }

  it('use the model of the question while it is offered, then the default of the plan, and a pause of one model delays no other', async () => {
    const [fast, slow, gone] = await queue(3);
    await sql(`update replies set model = case message_id when $1 then 'slow' when $2 then 'gone' end`, [slow, gone]);
    await sql(`insert into model_pauses values ('fast', now() + interval '1 minute')`);
    const models = ['fast', 'slow'];
    const claimAny = (): Promise<Claim[]> =>
      claimReplies(running.product.parts.db, { ...options, models, workerId: randomUUID(), limit: 10 });
    expect((await claimAny()).map(({ id, model }) => [id, model])).toEqual([[slow, 'slow']]);
    await sql('delete from model_pauses');
    const rest = (await claimAny()).map(({ id, model }) => [id, model] as const).toSorted(([a], [b]) => a - b);
    expect(rest).toEqual([
      [fast, options.plans.free.models[0]],
      [gone, options.plans.free.models[0]],
    ]);
  });

  it(`${claimers} concurrent claimers claim each of ${queued} replies once`, async () => {
    for (let round = 0; round < rounds; round++) {
      const ids = await queue(queued);
      const claimed: Claim[] = [];
      const work = async () => {
        const workerId = randomUUID();
        for (let empty = 0; empty < 3;) {
          const claims = await claim(workerId, 5);
          claimed.push(...claims);
          empty = claims.length === 0 ? empty + 1 : 0;
        }
      };
      await Promise.all(Array.from({ length: claimers }, work));
      expect(claimed.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(ids.toSorted((a, b) => a - b));
      expect(claimed.every(({ epoch }) => epoch === 1)).toBe(true);
      await sql('delete from messages');
    }
  });

  it('do not wait for a reply that another transaction has locked', async () => {
    const [held, ...free] = await queue(3);
    await using other = await connectSql(place);
    await other.sql('begin');
    await other.sql('select from replies where message_id = $1 for update', [held]);
    const claims = await claim(randomUUID(), 10);
    await other.sql('rollback');
    expect(claims.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(free);
  });

  it('settling does not lock the reply while it waits for the message, which a deletion locks first', async () => {
    const [id] = await queue(1);
    const workerId = randomUUID();
    await claim(workerId, 1);
    await using deleting = await connectSql(place);
    await deleting.sql('begin');
    await deleting.sql('select from messages where id = $1 for update', [id]);
    const end = { status: 'complete', content: 'Done', truncated: false } as const;
    const finished = finishReply(running.product.parts.db, { id: id!, epoch: 1, workerId }, end);
    await expect.poll(() => waitingForLocks(sql, 'returning r.*')).toBe(1);
    await deleting.sql('select from replies where message_id = $1 for update nowait', [id]);
    await deleting.sql('commit');
    expect(await finished).toMatchObject({ id, content: 'Done' });
  });

  it('take only the first unfinished reply of a path', async () => {
    const [first] = await queue(1);
    const [second] = await sql<{ id: number }>(
      `with question as (
         insert into messages (chatroom_id, user_id, parent_id, is_from_user)
         select chatroom_id, user_id, id, true from messages where id = $1 returning id, chatroom_id, user_id
       ), message as (
         insert into messages (chatroom_id, user_id, parent_id, is_from_user)
         select chatroom_id, user_id, id, false from question returning id, parent_id, chatroom_id, user_id
       ) insert into replies (message_id, question_id, chatroom_id, user_id, status, next_attempt_at)
       select id, parent_id, chatroom_id, user_id, 'queued', now() - interval '1 second' from message
       returning message_id as id`,
      [first],
    );
    const workerId = randomUUID();
    expect((await claim(workerId, 10)).map(({ id }) => id)).toEqual([first]);
    expect(await claim(workerId, 10)).toEqual([]);
    const end = { status: 'complete', content: 'Done', truncated: false } as const;
    expect(await finishReply(running.product.parts.db, { id: first!, epoch: 1, workerId }, end)).not.toBeNull();
    expect((await claim(workerId, 10)).map(({ id }) => id)).toEqual([second!.id]);
  });

  describe('a lost claim', () => {
    const row = async (id: number) => {
      const columns = 'status, content, text, code, epoch, worker_id';
      const rows = await sql(`select ${columns} from replies join messages on id = message_id where id = $1`, [id]);
      return rows[0];
    };

    /** Claims a reply twice, and returns the first owner. */
    async function lose(next: string, first: string): Promise<Ownership> {
      const [id] = await queue(1);
      const { db } = running.product.parts;
      const [claimed] = await claim(first, 1);
      const before: Ownership = { id: id!, epoch: claimed!.epoch, workerId: first };
      expect(await releaseReply(db, before, { delayMs: -1000, counted: true })).toBe(true);
      expect((await claim(next, 1)).map(({ epoch }) => epoch)).toEqual([before.epoch + 1]);
      return before;
    }

    const me = randomUUID();
    it.each([
      ['earlier one of the same worker', me, me],
      ["other worker's", randomUUID(), me],
    ])('writes nothing: an %s', async (_who, next, first) => {
      const before = await lose(next, first);
      const { db } = running.product.parts;
      const unchanged = await row(before.id);
      const end = { status: 'complete', content: 'Stale', truncated: false } as const;
      expect(await finishReply(db, before, end)).toBeNull();
      expect(await failReply(db, before, failureOf('timed_out'), 20)).toBeNull();
      expect(await releaseReply(db, before, { delayMs: 0, counted: true })).toBe(false);
      await checkpointReplies(db, first, [{ id: before.id, epoch: before.epoch, text: 'Stale' }]);
      expect(await row(before.id)).toEqual(unchanged);
    });

    it('writes nothing as another worker', async () => {
      const [id] = await queue(1);
      const { db } = running.product.parts;
      await claim(me, 1);
      const thief: Ownership = { id: id!, epoch: 1, workerId: randomUUID() };
      const unchanged = await row(id!);
      expect(await finishReply(db, thief, { status: 'complete', content: 'Stolen', truncated: false })).toBeNull();
      expect(await failReply(db, thief, failureOf('timed_out'), 20)).toBeNull();
      expect(await releaseReply(db, thief, { delayMs: 0, counted: true })).toBe(false);
      await checkpointReplies(db, thief.workerId, [{ id: id!, epoch: 1, text: 'Stolen' }]);
      expect(await row(id!)).toEqual(unchanged);
    });

    it('writes nothing once the reply has ended', async () => {
      const [id] = await queue(1);
      const { db } = running.product.parts;
      await claim(me, 1);
      const owner: Ownership = { id: id!, epoch: 1, workerId: me };
      expect(await finishReply(db, owner, { status: 'complete', content: 'Once', truncated: false })).not.toBeNull();
      expect(await failReply(db, owner, failureOf('timed_out'), 20)).toBeNull();
      expect(await releaseReply(db, owner, { delayMs: 0, counted: true })).toBe(false);
      expect(await row(id!)).toMatchObject({ status: 'complete', content: 'Once' });
    });
  });
});
