/** SQL that sums up the ledger of calls to models, and failed replies. */
import type { usageGroups } from '../../contract/admin-usage.ts';
import type { Connection, Statement } from '../ports/database.ts';

export type UsageGroup = (typeof usageGroups)[number];

export interface UsageRow {
  readonly key: string;
  readonly messages: number;
  readonly accounts: number;
  readonly calls: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly answerTokens: number;
  readonly thinkingTokens: number;
  readonly costMicros: number;
  readonly failures: number;
  readonly refunds: number;
}

const startOf = (day: string) => `${day}::date::timestamp at time zone 'utc'`;
const within = (moment: string) =>
  `${moment} >= ${startOf('$1')} and ${moment} < (($2::date + 1)::timestamp at time zone 'utc')`;
const dayOf = (moment: string) => `(${moment} at time zone 'utc')::date::text`;

/** Expressions of a group in the ledger and in failed replies, and keys that are always included. */
const groups: Readonly<Record<UsageGroup, { entry: string; reply: string; always: string }>> = {
  day: {
    entry: dayOf('e.created_at'),
    reply: dayOf('r.finished_at'),
    always: `select day::date::text as key from generate_series($1::date, $2::date, interval '1 day') as day`,
  },
  model: {
    entry: 'e.model',
    reply: `coalesce(r.model, 'none')`,
    always: `select ''::text as key where false`,
  },
  plan: {
    entry: `coalesce(e.tier, 'none')`,
    reply: `coalesce((select tier from users where id = r.user_id), 'none')`,
    always: `select ''::text as key where false`,
  },
};

/** Values: the first and the last day. Sums leave the database as numbers that hold them exactly below 2^53. */
function usageBy(group: UsageGroup): Statement<UsageRow> {
  const { entry, reply, always } = groups[group];
  const sum = (column: string) => `coalesce(sum(e.${column}), 0)::float8`;
  return {
    name: `admin_usage_by_${group}`,
    text: `with entered as (
        select ${entry} as key, count(distinct e.message_id)::int as messages, count(distinct e.user_id)::int as accounts,
          count(*)::int as calls, ${sum('prompt_tokens')} as prompt, ${sum('cached_tokens')} as cached,
          ${sum('answer_tokens')} as answer, ${sum('thinking_tokens')} as thinking, ${sum('cost_micros')} as cost
        from usage_entries e where ${within('e.created_at')} group by 1
      ), failed as (
        select ${reply} as key, count(*)::int as failures, count(*) filter (where r.charged_on is null)::int as refunds
        from replies r where r.status = 'failed' and ${within('r.finished_at')} group by 1
      ), keys as (
        ${always} union select key from entered union select key from failed
      )
      select key, coalesce(messages, 0) as messages, coalesce(accounts, 0) as accounts, coalesce(calls, 0) as calls,
        coalesce(prompt, 0) as "promptTokens", coalesce(cached, 0) as "cachedTokens", coalesce(answer, 0) as "answerTokens",
        coalesce(thinking, 0) as "thinkingTokens", coalesce(cost, 0) as "costMicros", coalesce(failures, 0) as failures,
        coalesce(refunds, 0) as refunds
      from keys left join entered using (key) left join failed using (key)
      order by ${group === 'day' ? 'key' : 'cost desc nulls last, key'}`,
  };
}

/** Days as `2026-11-23`. */
export function readUsageBy(db: Connection, group: UsageGroup, from: string, to: string): Promise<UsageRow[]> {
  return db.run(usageBy(group), [from, to]);
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
