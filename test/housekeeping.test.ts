/** Housekeeping: expired rows are deleted, younger ones stay, and it runs on schedule. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signIn, type Client } from './client.ts';
import { embeddedPlace, startProduct, type Place, type RunningProduct } from './harness.ts';
import { runHousekeeping } from './run-housekeeping.ts';
import { sqlOf, type Sql } from './sql.ts';

let place: Place;
let running: RunningProduct;
let sql: Sql;
let user: Client;
let userId: number;

beforeAll(async () => {
  place = await embeddedPlace();
  running = await startProduct(place);
  sql = sqlOf(running);
  user = await signIn(running.url);
  userId = (await user.call('GET', '/user/me')).body.id;
});
afterAll(async () => {
  await running[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

/** Each table with a row that is old enough to be deleted, and one that is a minute too young. */
const tables = [
  {
    table: 'event_tickets',
    age: '0 seconds',
    insert: `insert into event_tickets (hash, user_id, session_id, expires_at)
      select $1, $3, (select id from sessions where user_id = $3 limit 1), now() - $2::interval`,
    name: 'hash',
  },
  {
    table: 'otp_codes',
    age: '1 day',
    insert: `insert into otp_codes (number_key, code_mac, expires_at, last_sent_at)
      select $1, 'mac-of-' || $3::int, now(), now() - $2::interval`,
    name: 'number_key',
  },
  {
    table: 'idempotency_keys',
    age: '24 hours',
    insert: `insert into idempotency_keys (user_id, key, fingerprint, message_id, reply_id, created_at)
      select $3, $1, 'f', 1, 2, now() - $2::interval`,
    name: 'key',
  },
  {
    table: 'sessions',
    age: '1 day',
    insert: `insert into sessions (id, user_id, user_agent, expires_at)
      select gen_random_uuid(), $3, $1, now() - $2::interval`,
    name: 'user_agent',
  },
  {
    table: 'billing_events',
    age: '400 days',
    insert: `insert into billing_events (event_id, type, state, received_at)
      select $1, 'made.up', case when $3::int > 0 then 'applied' end, now() - $2::interval`,
    name: 'event_id',
  },
  {
    table: 'payments',
    age: '10 years',
    insert: `insert into payments (id, kind, user_id, invoice_id, amount, currency, created_at)
      select $1, 'paid', $3, $1, 999, 'usd', now() - $2::interval`,
    name: 'id',
  },
  {
    table: 'plan_changes',
    age: '10 years',
    insert: `insert into plan_changes (from_tier, to_tier, created_at)
      select $1, case when $3::int > 0 then 'Pro' end, now() - $2::interval`,
    name: 'from_tier',
  },
  {
    table: 'audit_log',
    age: '10 years',
    insert: `insert into audit_log (actor, action, user_id, details, at)
      select 'command', $1, $3, '{}', now() - $2::interval`,
    name: 'action',
  },
];

const namesIn = async (table: string, column: string) =>
  (await sql<{ name: string }>(`select ${column} as name from ${table} where ${column} in ('old', 'young')`)).map(
    ({ name }) => name,
  );

describe('a round of housekeeping', () => {
  it.each(tables)('deletes from $table what is older than $age, and nothing younger', async (one) => {
    await sql(one.insert, ['old', `${one.age} 1 minute`, userId]);
    await sql(one.insert, ['young', one.age === '0 seconds' ? '-1 minute' : `${one.age} -1 minute`, userId]);
    expect(await namesIn(one.table, one.name)).toEqual(expect.arrayContaining(['old', 'young']));
    await runHousekeeping(running.product.parts.db);
    expect(await namesIn(one.table, one.name)).toEqual(['young']);
  });

  it('deletes accounts that never signed in after seven days, unless an operator has set them up', async () => {
    await sql(
      `insert into users (mobile_number, created_at, verified_at, granted_tier, role) values
        ('+15550000001', now() - interval '7 days 1 minute', null, null, 'user'),
        ('+15550000002', now() - interval '6 days 23 hours', null, null, 'user'),
        ('+15550000003', now() - interval '1 year', now(), null, 'user'),
        ('+15550000004', now() - interval '1 year', null, 'Pro', 'user'),
        ('+15550000005', now() - interval '1 year', null, null, 'admin')`,
    );
    await runHousekeeping(running.product.parts.db);
    const left = await sql<{ n: string }>(
      `select right(mobile_number, 1) as n from users where mobile_number like '+1555000000%' order by n`,
    );
    expect(left.map(({ n }) => n)).toEqual(['2', '3', '4', '5']);
  });

  it('deletes the counts of deleted accounts after their day', async () => {
    await sql(
      `insert into kept_usage (number_key, day, used, refunds)
       values ('old', pollux_today() - 1, 1, 0), ('young', pollux_today(), 1, 0)`,
    );
    await runHousekeeping(running.product.parts.db);
    expect(await namesIn('kept_usage', 'number_key')).toEqual(['young']);
  });

  it('deletes wrong guesses after an hour', async () => {
    await sql(
      `insert into otp_wrong_guesses (number_key, network_key, wrong_since)
       values ('old', 'n', now() - interval '61 minutes'), ('young', 'n', now() - interval '59 minutes')`,
    );
    await runHousekeeping(running.product.parts.db);
    expect(await sql(`select number_key from otp_wrong_guesses`)).toEqual([{ number_key: 'young' }]);
  });

  it('deletes records of ended sessions after an hour', async () => {
    const [old, young] = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'];
    await sql(
      `insert into ended_sessions (id, xid, ended_at)
       values ($1, 1, now() - interval '61 minutes'), ($2, 1, now() - interval '59 minutes')`,
      [old, young],
    );
    await runHousekeeping(running.product.parts.db);
    expect(await sql(`select id from ended_sessions where id in ($1, $2)`, [old, young])).toEqual([{ id: young }]);
  });

  it('keeps billing events of any age that are not processed yet', async () => {
    await sql(
      `insert into billing_events (event_id, type, state, received_at) values ('waits', 'made.up', 'received', now() - interval '2 years')`,
    );
    await runHousekeeping(running.product.parts.db);
    expect(await sql(`select from billing_events where event_id = 'waits'`)).toHaveLength(1);
  });

  it("deletes yesterday's workers, unless they still hold a reply", async () => {
    const [gone, needed, recent] = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
    const roomId = await user.room();
    await sql(
      `insert into workers (id, seen_at) values ($1, now() - interval '1 day 1 minute'),
        ($2, now() - interval '1 day 1 minute'), ($3, now() - interval '23 hours')`,
      [gone, needed, recent],
    );
    await sql(
      `with message as (
         insert into messages (chatroom_id, user_id, is_from_user) values ($1, $2, false) returning id
       ) insert into replies (message_id, question_id, chatroom_id, user_id, status, worker_id, deadline_at)
       select id, id, $1, $2, 'generating', $3, now() + interval '1 hour' from message`,
      [roomId, userId, needed],
    );
    await runHousekeeping(running.product.parts.db);
    const left = await sql<{ id: string }>('select id from workers where id = any ($1::uuid[]) order by id', [
      [gone, needed, recent],
    ]);
    expect(left.map(({ id }) => id)).toEqual([needed, recent]);
    await user.call('DELETE', `/chatroom/${roomId}`);
  });

  it('keeps accounts, rooms, messages and daily counts', async () => {
    const roomId = await user.room('Very old');
    await user.ask(roomId, 'An old question');
    await sql(`update messages set created_at = created_at - interval '10 years'`);
    await sql(`update replies set finished_at = finished_at - interval '10 years'`);
    await sql(`update daily_usage set day = day - 3650`);
    const count = async () =>
      sql(`select (select count(*)::int from users) as users, (select count(*)::int from chatrooms) as rooms,
        (select count(*)::int from messages) as messages, (select count(*)::int from replies) as replies,
        (select count(*)::int from daily_usage) as days`);
    const before = await count();
    await runHousekeeping(running.product.parts.db);
    expect(await count()).toEqual(before);
  });
});

describe('the worker', () => {
  beforeEach(() => sql(`delete from idempotency_keys`));

  it('schedules the housekeeping of every feature every ten minutes', async () => {
    const rounds = await sql(`select key, cron from pollux_jobs.schedule where key like '%/housekeeping' order by key`);
    const features = ['accounts', 'admin', 'events', 'plans', 'push', 'replies', 'subscriptions'];
    expect(rounds).toEqual(features.map((name) => ({ key: `${name}/housekeeping`, cron: '*/10 * * * *' })));
  });

  it('runs housekeeping on schedule', async () => {
    await sql(tables[2]!.insert, ['old', '24 hours 1 minute', userId]);
    // As the schedule does.
    await sql(
      `insert into pollux_jobs.job (name, data, policy, singleton_key)
       select name, data, 'exclusive', key from pollux_jobs.schedule where key = 'accounts/housekeeping'`,
    );
    await expect.poll(() => namesIn('idempotency_keys', 'key'), { timeout: 15_000 }).toEqual([]);
  });
});
