/** SQL that sums up a day of the ledger. Roll-ups and the reading of days without one use the same text, so that they agree. */
import { accountsInBlock } from './tables.ts';

/** Buckets of the time to the first text: each is 5 % wider than the one before. */
const bucketsPerFactorE = 20;

/** The middle of a bucket, in milliseconds. */
export const millisecondsOf = (bucket: string) => `round(exp((${bucket} + 0.5) / ${bucketsPerFactorE}.0))::int`;

const within = (moment: string) => `${moment} >= wanted.day::timestamp at time zone 'utc'
        and ${moment} < (wanted.day + 1)::timestamp at time zone 'utc'`;
const keyOf = (
  row: string,
) => `case wanted.dimension when 'day' then '' when 'model' then coalesce(${row}.model, 'none')
        else coalesce(${row}.tier, 'none') end`;
const sum = (column: string) => `coalesce(sum(e.${column}), 0)`;

const measures = `with entered as (
        select ${keyOf('e')} as key, count(distinct e.message_id)::int as messages, count(*)::int as calls,
          ${sum('prompt_tokens')} as prompt_tokens, ${sum('cached_tokens')} as cached_tokens,
          ${sum('answer_tokens')} as answer_tokens, ${sum('thinking_tokens')} as thinking_tokens,
          ${sum('cost_micros')} as cost_micros
        from usage_entries e where ${within('e.created_at')} group by 1
      ), failed as (
        select ${keyOf('f')} as key, count(*)::int as failures, count(*) filter (where f.refunded)::int as refunds
        from reply_failures f where ${within('f.created_at')} group by 1
      )
      select key, coalesce(messages, 0) as messages, coalesce(calls, 0) as calls, coalesce(prompt_tokens, 0) as prompt_tokens,
        coalesce(cached_tokens, 0) as cached_tokens, coalesce(answer_tokens, 0) as answer_tokens,
        coalesce(thinking_tokens, 0) as thinking_tokens, coalesce(cost_micros, 0) as cost_micros,
        coalesce(failures, 0) as failures, coalesce(refunds, 0) as refunds
      from entered full join failed using (key)`;

const firstTexts = `select ${keyOf('e')} as key,
        floor(ln(greatest(e.first_text_ms, 1)::float8) * ${bucketsPerFactorE})::smallint as bucket, count(*)::int as calls
      from usage_entries e where ${within('e.created_at')} and e.first_text_ms is not null group by 1, 2`;

const accounts = `select ${keyOf('e')} as key, (e.user_id / ${accountsInBlock})::int as block,
        bit_or(set_bit(0::bit(${accountsInBlock}), (e.user_id % ${accountsInBlock})::int, 1)) as accounts
      from usage_entries e where ${within('e.created_at')} and e.user_id is not null group by 1, 2`;

/** A table of roll-ups, and what it holds of one day. */
export interface Rollup {
  readonly table: 'usage_rollups' | 'usage_first_texts' | 'usage_accounts';
  readonly columns: string;
  readonly ofDay: string;
}

const rollup = (table: Rollup['table'], columns: string, ofDay: string): Rollup => ({ table, columns, ofDay });

export const rollups = {
  measures: rollup(
    'usage_rollups',
    `messages, calls, prompt_tokens, cached_tokens, answer_tokens, thinking_tokens, cost_micros, failures, refunds`,
    measures,
  ),
  firstTexts: rollup('usage_first_texts', 'bucket, calls', firstTexts),
  accounts: rollup('usage_accounts', 'block, accounts', accounts),
} as const;

/**
 * Rows `day, dimension, key` and the columns of a roll-up, from the ledger: for each of the days `$1` and each of the groupings `$2`.
 * Lateral, so that each day is one range of an index, whatever the planner knows of the days.
 */
export function fromLedger({ columns, ofDay }: Rollup): string {
  return `select wanted.day, wanted.dimension, summed.key, ${columns} from (
      select day, dimension from unnest($1::text[]::date[]) as day cross join unnest($2::text[]) as dimension
    ) as wanted cross join lateral (${ofDay}) as summed`;
}

/** The same rows, for the one dimension in `$2` and the days from `$3` to `$4`: those in `$1` from the ledger, the others rolled up. */
export function rolledAndOpen(one: Rollup): string {
  return `select day, dimension, key, ${one.columns} from ${one.table}
      where dimension = any ($2::text[]) and day between $3::date and $4::date and day <> all ($1::text[]::date[])
    union all ${fromLedger(one)}`;
}
