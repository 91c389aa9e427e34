/** SQL for the daily count. Charge and refund are CTEs of other statements, so that they commit together. */
import type { Tier } from '../../contract/plans.ts';
import type { Connection, Statement } from '../ports/database.ts';
import type { DayEnd, Spending } from './quota.ts';

const resetsAtSql = `((pollux_today() + 1)::timestamp at time zone 'utc')`;

/** Columns with the end of the current UTC day and the time until then, by the database's clock. */
export const resetColumns = `${resetsAtSql} as "resetsAt",
  (extract(epoch from ${resetsAtSql} - pollux_now()) * 1000)::float8 as "resetsInMs"`;

/**
 * A `charge` CTE: counts one message unless the daily limit or the limit of unfinished replies is reached. Reads user
 * and tier from the CTE `from` (columns `user_id`, `tier`; without a row nothing is charged), and from placeholders
 * `planLimits` (an unknown tier may send nothing) and the limit of unfinished replies (0 = none). Returns a row only when it
 * charged, so that statements built on it run exactly when the charge does: `used`, `day`, and `is_spent` if the monthly cost is
 * reached and another model answers. All limits are checked on the locked row, so parallel charges cannot exceed them.
 */
export function chargeCte({ from, limits, unfinished }: { from: string; limits: string; unfinished: string }): string {
  const below = (used: string) => `(
      select case when limits.daily = 'null' then true else ${used} < coalesce(limits.daily::int, 0) end
      from (select ${limits}::jsonb -> payer.tier -> 'daily' as daily from ${from} as payer) as limits
    )`;
  const hasPlace = (user: string) =>
    `case when ${unfinished}::int = 0 then true else pollux_unfinished(${user}) < ${unfinished}::int end`;
  const budget = `(select ${limits}::jsonb -> payer.tier ->> 'cost' as cost, ${limits}::jsonb -> payer.tier ->> 'spent' as spent
      from ${from} as payer) as budget`;
  const isSpent = (user: string) => `case when budget.cost is null then false
        else pollux_spent(${user}) + pollux_reserved(${user}) >= budget.cost::bigint end`;
  const mayCost = (user: string) => `(select budget.spent is not null or not ${isSpent(user)} from ${budget})`;
  return `charge as (
    insert into daily_usage as usage (user_id, day, used)
    select payer.user_id, pollux_today(), 1 from ${from} as payer
    where ${below('0')} and ${hasPlace('payer.user_id')} and ${mayCost('payer.user_id')}
    on conflict (user_id, day) do update set used = usage.used + 1
      where ${below('usage.used')} and ${hasPlace('usage.user_id')} and ${mayCost('usage.user_id')}
    returning usage.used, usage.day, (select ${isSpent('usage.user_id')} from ${budget}) as is_spent
  )`;
}

/** What an account has spent of its monthly cost, in micro-dollars: `reserved` by unfinished replies is not in `spent`. */
export const costColumns = (user: string) =>
  `pollux_spent(${user})::float8 as "spentMicros", pollux_reserved(${user})::float8 as "reservedMicros"`;

/** Columns that say why the CTE `charge` has no row for the account `user`; null when it has one. */
export function refusalColumns(user: string): string {
  return `case when charge.used is null then pollux_unfinished(${user}) end as "unfinishedReplies",
    case when charge.used is null then pollux_used_today(${user}) end as "usedToday"`;
}

/**
 * CTEs that refund the rows of the CTE `from` (columns `id`, `user_id`, `charged_on`) on the day they were charged.
 * `refunded` returns the `id` of each refunded row. An account is refunded at most `limit` times a day (0 = unlimited).
 * Each row is refunded once, since `from` locked the replies that move to `failed`; the limit holds, since the day's row
 * is locked before it is read, always in the same order.
 */
export function refundCtes({ from, limit }: { from: string; limit: string }): string {
  return `owed as (
    select id, user_id, charged_on, row_number() over (partition by user_id, charged_on order by id) as nth
    from ${from} where charged_on is not null
  ), charged_day as (
    select usage.user_id, usage.day, usage.refunds from daily_usage as usage
    where (usage.user_id, usage.day) in (select user_id, charged_on from owed)
    order by usage.user_id, usage.day for update
  ), refunded as (
    select owed.id, owed.user_id, owed.charged_on as day from owed
    join charged_day on charged_day.user_id = owed.user_id and charged_day.day = owed.charged_on
    where ${limit}::int = 0 or charged_day.refunds + owed.nth <= ${limit}::int
  ), refund as (
    update daily_usage as usage set used = usage.used - returned.count, refunds = usage.refunds + returned.count
    from (select user_id, day, count(*)::int as count from refunded group by 1, 2) as returned
    where usage.user_id = returned.user_id and usage.day = returned.day
  )`;
}

export interface UsageRow extends DayEnd, Spending {
  readonly id: number;
  readonly mobileNumber: string;
  readonly tier: Tier;
  readonly role: 'user' | 'admin';
  readonly createdAt: Date;
  readonly usedToday: number;
  readonly lastDay: string | null;
}

const usageOf: Statement<UsageRow> = {
  name: 'usage_of',
  text: `select u.id, u.mobile_number as "mobileNumber", u.tier, u.role, u.created_at as "createdAt",
      coalesce((select used from daily_usage where user_id = u.id and day = pollux_today()), 0) as "usedToday",
      (select max(day) from daily_usage where user_id = u.id and used > 0) as "lastDay",
      ${costColumns('u.id')},
      ${resetColumns}
    from users u where u.id = $1`,
};

/** The user with today's count; null when the user has been deleted. */
export async function readUsage(db: Connection, userId: number): Promise<UsageRow | null> {
  const rows = await db.run(usageOf, [userId]);
  return rows[0] ?? null;
}

const keep: Statement<never> = {
  name: 'usage_keep',
  text: `insert into kept_usage (number_key, day, used, refunds)
    select $2, day, used, refunds from daily_usage where user_id = $1 and day >= pollux_today()
    on conflict (number_key, day) do update
      set used = greatest(kept_usage.used, excluded.used), refunds = greatest(kept_usage.refunds, excluded.refunds)`,
};

/** Keeps the day's count of an account that is deleted, under the keyed hash of its number. */
export async function keepUsage(db: Connection, userId: number, numberKey: string): Promise<void> {
  await db.run(keep, [userId, numberKey]);
}

const restore: Statement<never> = {
  name: 'usage_restore',
  text: `with kept as (delete from kept_usage where number_key = any ($2::text[]) returning day, used, refunds)
    insert into daily_usage (user_id, day, used, refunds)
    select $1, day, max(used), max(refunds) from kept group by day
    on conflict (user_id, day) do update
      set used = daily_usage.used + excluded.used, refunds = daily_usage.refunds + excluded.refunds`,
};

/** Restores for an account the counts kept for its number, if any. */
export async function restoreUsage(db: Connection, userId: number, numberKeys: readonly string[]): Promise<void> {
  await db.run(restore, [userId, numberKeys]);
}
