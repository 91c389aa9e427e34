/** SQL that writes roll-ups of the ledger. */
import { usageGroups } from '../../contract/admin-usage.ts';
import type { Connection, Statement } from '../ports/database.ts';
import { fromLedger, rollups, type Rollup } from './rollup-sql.ts';

/** Calls are entered when they end, and those that end after midnight may belong to the day before. */
const closedAfter = `interval '2 hours'`;

const due: Statement<{ day: string }> = {
  name: 'usage_days_due',
  text: `with first as (
      select least((select min(created_at) from usage_entries), (select min(created_at) from reply_failures)) as at
    )
    select series.at::date as day from first
      cross join generate_series((first.at at time zone 'utc')::date,
        ((pollux_now() - ${closedAfter}) at time zone 'utc')::date - 1, interval '1 day') as series (at)
      left join usage_days d on d.day = series.at::date
    where d.rolled_at is null order by 1 desc limit $1`,
};

/** Days that are over and not rolled up, or were written to since; the newest first. */
export async function listDaysDue(db: Connection, limit: number): Promise<string[]> {
  return (await db.run(due, [limit])).map(({ day }) => day);
}

const mark: Statement<never> = {
  name: 'usage_day_mark',
  text: `insert into usage_days (day, rolled_at) values ($1, pollux_now())
    on conflict (day) do update set rolled_at = excluded.rolled_at`,
};

/**
 * Marks a day as rolled up, and locks it: a late row is either visible to the statements that follow, or clears the mark once they
 * are committed.
 */
export async function markDay(tx: Connection, day: string): Promise<void> {
  await tx.run(mark, [day]);
}

const clearings = Object.values(rollups).map(({ table }) => clearing(table));

function clearing(table: Rollup['table']): Statement<never> {
  return { name: `clear_${table}`, text: `delete from ${table} where day = $1` };
}

const writings = Object.values(rollups).map((one) => writing(one));

function writing(one: Rollup): Statement<never> {
  return {
    name: `write_${one.table}`,
    text: `insert into ${one.table} (day, dimension, key, ${one.columns}) ${fromLedger(one)}`,
  };
}

/** Replaces the roll-ups of a day. */
export async function writeRollups(tx: Connection, day: string): Promise<void> {
  for (const statement of clearings) await tx.run(statement, [day]);
  for (const statement of writings) await tx.run(statement, [[day], [...usageGroups]]);
}
