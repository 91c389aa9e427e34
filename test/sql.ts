/** SQL for tests: to inspect the database, and to change times in rows instead of waiting. */
import { Client } from 'pg';
import type { Product } from '../server/parts.ts';
import type { Place, RunningProduct } from './harness.ts';

/** Runs one statement and returns its rows. */
export type Sql = <Row = Record<string, unknown>>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** SQL on the database of a product in this process, in either mode. */
export function sqlOf({ product }: RunningProduct): Sql {
  const sql: Sql = (text, values = []) => product.parts.db.execute(text, values);
  products.set(sql, product);
  return sql;
}

const products = new WeakMap<Sql, Product>();

/** The product whose database is used. */
export function productOf(sql: Sql): Product | null {
  return products.get(sql) ?? null;
}

export interface SqlConnection extends AsyncDisposable {
  readonly sql: Sql;
}

/** A separate connection to PostgreSQL, for transactions and for products in other processes. */
export async function connectSql(place: Place): Promise<SqlConnection> {
  const client = new Client({ connectionString: place.environment.DATABASE_URL });
  // The database may be dropped before the connection is closed.
  client.on('error', () => {});
  await client.connect();
  return {
    async sql<Row>(text: string, values: readonly unknown[] = []) {
      const { rows } = await client.query(text, [...values]);
      return rows as Row[];
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}

/** How many statements that contain `part` wait for a lock in this database. */
export async function waitingForLocks(sql: Sql, part: string): Promise<number> {
  const rows = await sql<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and position($1 in query) > 0`,
    [part],
  );
  return rows[0]!.count;
}

/** Sets the clock of quotas; null resets it. */
export async function setClock(sql: Sql, moment: string | null): Promise<void> {
  const now = moment === null ? 'now()' : `timestamptz '${moment}'`;
  await sql(`create or replace function pollux_now() returns timestamptz language sql stable as $$ select ${now} $$`);
}

/** The daily counts of the user with this number. */
export function usageByDay(sql: Sql, mobileNumber: string): Promise<{ day: string; used: number }[]> {
  return sql(
    `select day::text, used from daily_usage join users on users.id = user_id where mobile_number = $1 order by day`,
    [mobileNumber],
  );
}
