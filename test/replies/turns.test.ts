/** Which replies a claim takes: by turns between accounts, by weight between plans, within each account's limit. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPostgres } from '../../server/adapters/database/postgres.ts';
import { builtInPlans } from '../built-in-plans.ts';
import type { Database } from '../../server/ports/database.ts';
import { claimReplies, type Claim } from '../../server/replies/claim-store.ts';
import { planTurns } from '../../server/replies/plan-turns.ts';
import { freshDatabase, services } from '../services.ts';
import { waitingForLocks, type Sql } from '../sql.ts';

const plans = builtInPlans(5);
const weights = { Basic: 1, Pro: 4 };
const atOnce = { Basic: 2, Pro: 5 };

describe.skipIf(!services.postgres)('a claim', () => {
  let place: { url: string } & AsyncDisposable;
  let db: Database;

  beforeAll(async () => {
    place = await freshDatabase();
    db = await openPostgres({
      url: place.url,
      directUrl: null,
      poolSize: 16,
      processes: 1,
      log: pino({ level: 'silent' }),
    });
  });
  afterAll(async () => {
    await db[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await sql('truncate users, chatrooms, messages restart identity cascade');
  });

  const sql: Sql = (text, values = []) => db.run({ name: '', text }, values);

  /** Adds accounts, each with rooms that have a queued question; numbered from 1 over all calls. */
  async function queue(plan: keyof typeof weights, { accounts = 1, rooms = 1 } = {}): Promise<void> {
    await sql(
      `with account as (
        insert into users (mobile_number, tier) select gen_random_uuid()::text, $1 from generate_series(1, $2::int) returning id
      ), room as (
        insert into chatrooms (user_id, name) select id, 'Room' from account, generate_series(1, $3::int) order by id
        returning id, user_id
      ), message as (
        insert into messages (chatroom_id, user_id, is_from_user) select id, user_id, false from room order by id
        returning id, chatroom_id, user_id
      ) insert into replies (message_id, question_id, chatroom_id, user_id, status)
        select id, id, chatroom_id, user_id, 'queued' from message`,
      [plan, accounts, rooms],
    );
  }

  const worker = () => {
    const options = {
      workerId: randomUUID(),
      timeoutMs: 60_000,
      models: ['m'],
      plans,
      turns: planTurns(() => weights),
    };
    return (limit: number, mayTakeLastChance = true) => claimReplies(db, { ...options, limit, mayTakeLastChance });
  };
  const running = async (plan: keyof typeof weights) => {
    const [row] = await sql<{ count: number }>(
      `select count(*)::int as count from replies r join users u on u.id = r.user_id
       where r.status = 'generating' and u.tier = $1`,
      [plan],
    );
    return row!.count;
  };
  const finish = (ids: readonly number[]) =>
    sql(`update replies set status = 'complete' where message_id = any ($1::bigint[])`, [ids]);

  it('takes each reply once and never more of an account than its plan allows, with concurrent claims', async () => {
    const rounds = 30;
    const claimers = Array.from({ length: 16 }, worker);
    await queue('Basic', { rooms: rounds * atOnce.Basic });
    await queue('Pro', { rooms: rounds * atOnce.Pro });
    const taken: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const ids = (await Promise.all(claimers.map((claim) => claim(7)))).flat().map(({ id }) => id);
      taken.push(...ids);
      expect(await running('Basic')).toBeLessThanOrEqual(atOnce.Basic);
      expect(await running('Pro')).toBeLessThanOrEqual(atOnce.Pro);
      await finish(ids);
    }
    expect(new Set(taken).size).toBe(taken.length);
    expect(taken.length).toBeGreaterThan(rounds);
  });

  it('skips an account that another claim served after its snapshot', async () => {
    await queue('Pro', { rooms: 10 });
    await queue('Basic');
    const lock = 77;
    // The claim reads this table after its snapshot and before its locks, so that this lock stops it in between.
    await sql('alter table model_pauses rename to kept_pauses');
    await sql(
      `create view model_pauses as select got::text as model, now() - make_interval(secs => length(got::text)) as until,
         null::timestamptz as missing_since
       from pg_advisory_xact_lock(${lock}) as got`,
    );
    try {
      const { promise: claimed, resolve } = Promise.withResolvers<Claim[]>();
      await db.transaction(async (rival) => {
        await rival.run({ name: '', text: `select pg_advisory_xact_lock(${lock})` }, []);
        resolve(worker()(10));
        await expect.poll(() => waitingForLocks(sql, 'with plan as')).toBe(1);
        const text = `update replies set status = 'generating' where user_id = 1 and message_id > ${atOnce.Pro}`;
        await rival.run({ name: '', text }, []);
        await rival.run({ name: '', text: 'update users set served_at = clock_timestamp() where id = 1' }, []);
      });
      expect((await claimed).map(({ plan }) => plan)).toEqual(['Basic']);
      expect(await running('Pro')).toBe(atOnce.Pro);
    } finally {
      await sql('drop view model_pauses');
      await sql('alter table kept_pauses rename to model_pauses');
    }
  });

  it('fills all free slots at once', async () => {
    await queue('Basic', { accounts: 1, rooms: 10 });
    await queue('Pro', { accounts: 1, rooms: 10 });
    expect(await worker()(100)).toHaveLength(atOnce.Basic + atOnce.Pro);
  });

  it('serves the account that was served longest ago, not the one that asked first', async () => {
    await queue('Basic', { accounts: 3, rooms: 4 });
    const claim = worker();
    const order: number[] = [];
    for (let n = 0; n < 12; n++) {
      const [taken] = await claim(1);
      order.push(taken!.userId);
      await finish([taken!.id]);
    }
    expect(order).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
  });

  it('serves a plan of lower weight its share under any load of the other', async () => {
    await queue('Pro', { accounts: 20, rooms: 5 });
    await queue('Basic', { accounts: 20, rooms: 2 });
    const claim = worker();
    const order: string[] = [];
    for (let n = 0; n < 50; n++) {
      const [taken] = await claim(1);
      order.push(taken!.plan);
      await finish([taken!.id]);
    }
    expect(order.filter((plan) => plan === 'Basic')).toHaveLength(10);
    const many = await worker()(50);
    expect(many.filter(({ plan }) => plan === 'Basic')).toHaveLength(10);
  });

  it('takes at most one reply in its last attempt, and none while the worker runs one', async () => {
    await queue('Pro', { accounts: 2, rooms: 3 });
    await sql('update replies set deaths = 2 where user_id = 1');
    const first = await worker()(10);
    expect(first.filter(({ lastChance }) => lastChance)).toHaveLength(1);
    expect(first).toHaveLength(4);
    expect(await worker()(10, false)).toEqual([]);
    expect(await worker()(10)).toHaveLength(1);
  });
});
