/** SQL that reads usage over days: roll-ups, and the ledger for days without one. Money and changes of plans are read as they are. */
import type { usageGroups } from '../../contract/admin-usage.ts';
import type { Connection, Statement } from '../ports/database.ts';
import { millisecondsOf, rolledAndOpen, rollups } from './rollup-sql.ts';

export type UsageGroup = (typeof usageGroups)[number];

/** UTC days such as `2026-11-23`, both included, and those of them that are not rolled up. */
export interface Days {
  readonly from: string;
  readonly to: string;
  readonly open: readonly string[];
}

const today: Statement<{ today: string }> = {
  name: 'admin_today',
  text: `select pollux_today()::text as today`,
};

/** The UTC day by the database's clock. */
export async function readToday(db: Connection): Promise<string> {
  const [row] = await db.run(today, []);
  return row!.today;
}

const open: Statement<{ day: string }> = {
  name: 'admin_usage_open_days',
  text: `select series.at::date as day from generate_series($1::date, $2::date, interval '1 day') as series (at)
      left join usage_days d on d.day = series.at::date
    where d.rolled_at is null order by 1`,
};

export async function listOpenDays(db: Connection, from: string, to: string): Promise<string[]> {
  return (await db.run(open, [from, to])).map(({ day }) => day);
}

/** The key of a row of the answer: days are rows of their own, models and plans are summed up over the days. */
const key = `case when dimension = 'day' then day::text else key end`;

const valuesOf = (group: UsageGroup, { from, to, open: days }: Days) => [days, [group], from, to];

export interface MeasuresRow {
  readonly key: string;
  readonly messages: number;
  readonly calls: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly answerTokens: number;
  readonly thinkingTokens: number;
  readonly costMicros: number;
  readonly failures: number;
  readonly refunds: number;
}

// Sums leave the database as numbers that hold them exactly below 2^53.
const measures: Statement<MeasuresRow> = {
  name: 'admin_usage_measures',
  text: `select ${key} as key, sum(messages)::int as messages, sum(calls)::int as calls,
      sum(prompt_tokens)::float8 as "promptTokens", sum(cached_tokens)::float8 as "cachedTokens",
      sum(answer_tokens)::float8 as "answerTokens", sum(thinking_tokens)::float8 as "thinkingTokens",
      sum(cost_micros)::float8 as "costMicros", sum(failures)::int as failures, sum(refunds)::int as refunds
    from (${rolledAndOpen(rollups.measures)}) as cells group by 1`,
};

export function readMeasures(db: Connection, group: UsageGroup, days: Days): Promise<MeasuresRow[]> {
  return db.run(measures, valuesOf(group, days));
}

type AccountsRow = { readonly key: string; readonly accounts: number };

/** Within a day no account is in two rows, so that rows are counted as they are. */
const accountsByDay: Statement<AccountsRow> = {
  name: 'admin_usage_accounts_by_day',
  text: `select day::text as key, accounts from (
      select day, sum(bit_count(accounts))::int as accounts from (${rolledAndOpen(rollups.accounts)}) as cells group by day
    ) as days`,
};

const accounts: Statement<AccountsRow> = {
  name: 'admin_usage_accounts',
  text: `select key, sum(bit_count(accounts))::int as accounts from (
      select key, block, bit_or(accounts) as accounts
      from (${rolledAndOpen(rollups.accounts)}) as cells group by 1, 2
    ) as blocks group by key`,
};

/** Accounts for which a model was called, each once in a row. */
export function countActiveAccounts(db: Connection, group: UsageGroup, days: Days) {
  return db.run(group === 'day' ? accountsByDay : accounts, valuesOf(group, days));
}

export interface FirstTextRow {
  readonly key: string;
  readonly p50: number;
  readonly p95: number;
}

const quantile = (share: number) => `min(bucket) filter (where up_to >= ${share} * total)`;

const firstTexts: Statement<FirstTextRow> = {
  name: 'admin_usage_first_texts',
  text: `with counted as (
      select ${key} as key, bucket, sum(calls) as calls
      from (${rolledAndOpen(rollups.firstTexts)}) as cells group by 1, 2
    ), ranked as (
      select key, bucket, sum(calls) over (partition by key order by bucket) as up_to,
        sum(calls) over (partition by key) as total
      from counted
    )
    select key, ${millisecondsOf(quantile(0.5))} as p50, ${millisecondsOf(quantile(0.95))} as p95
    from ranked group by key`,
};

/** Milliseconds to the first text, within 3 %. */
export function readFirstTexts(db: Connection, group: UsageGroup, days: Days): Promise<FirstTextRow[]> {
  return db.run(firstTexts, valuesOf(group, days));
}

const within = (moment: string) => `${moment} >= $2::date::timestamp at time zone 'utc'
      and ${moment} < ($3::date + 1)::timestamp at time zone 'utc'`;
export interface RevenueRow {
  readonly key: string;
  /** ISO 4217, in lower case. */
  readonly currency: string;
  /** In the currency's smallest unit. */
  readonly paid: number;
  readonly returned: number;
}

const revenue: Statement<RevenueRow> = {
  name: 'admin_usage_revenue',
  text: `select case when $1::text = 'day' then day::text else tier end as key, currency, sum(paid)::float8 as paid,
      sum(returned)::float8 as returned
    from (
      select (created_at at time zone 'utc')::date as day, coalesce(tier, 'none') as tier, currency,
        coalesce(sum(amount) filter (where kind = 'paid'), 0) as paid,
        coalesce(sum(amount) filter (where kind <> 'paid'), 0) as returned
      from payments where ${within('created_at')} group by 1, 2, 3
    ) as moved group by 1, 2 order by 1, 2`,
};

/** No model earns money. */
export async function readRevenue(db: Connection, group: UsageGroup, { from, to }: Days): Promise<RevenueRow[]> {
  return group === 'model' ? [] : db.run(revenue, [group, from, to]);
}

const upgrades: Statement<{ key: string; upgrades: number }> = {
  name: 'admin_usage_upgrades',
  text: `select case when $1::text = 'day' then (created_at at time zone 'utc')::date::text else to_tier end as key,
      count(*)::int as upgrades
    from plan_changes
    where ${within('created_at')}
      and array_position($4::text[], to_tier) > array_position($4::text[], from_tier) group by 1`,
};

/** Changes to a plan that stands later among `planIds`; by plan: to that plan. */
export async function countUpgrades(db: Connection, group: UsageGroup, { from, to }: Days, planIds: readonly string[]) {
  return group === 'model' ? [] : db.run(upgrades, [group, from, to, planIds]);
}
