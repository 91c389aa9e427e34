/** Migrates the schema under an advisory lock, and refuses a user without the privileges. */
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import { nodePostgresDrizzle } from '../../migrations/drizzle.ts';
import { StartRefused } from '../../config/start-refused.ts';
import { migrationsFolder } from './migrations.ts';
import { connectAtStart, shortOfConnections, type Demand } from './postgres-check.ts';
import { newClient, type PostgresAddress } from './postgres-client.ts';
import { isPooled } from './postgres-pooler.ts';
import { connectionRefusal } from './postgres-refusals.ts';

/** Must be the same in all versions. */
const migrationLock = 7_655_897;

const connectTimeoutMs = 5_000;
/** How often the migrations are tried where running processes hold locks that they need. */
const mostTries = 10;
const pauseMs = 500;

const { drizzle, migrate } = nodePostgresDrizzle();

/** How statements reach PostgreSQL. */
export type Path = 'direct' | 'session pooler' | 'transaction pooler';

/**
 * Migrates over `own`, an unpooled session; of several processes that start at once the first migrates and the others wait.
 * `address` is for statements, and differs from `own` with a pooler in transaction mode. Throws `StartRefused`.
 */
export async function migrateUnderLock(
  address: PostgresAddress,
  own: PostgresAddress,
  demand: Demand,
  log: Logger,
): Promise<Path> {
  const client = newClient(own, { connectionTimeoutMillis: connectTimeoutMs });
  const { connections, present, pid } = await connectAtStart(client, own);
  const path =
    own.setting !== address.setting ? 'transaction pooler' : isPooled(client, pid) ? 'session pooler' : 'direct';
  try {
    // A pooler's limit is unknown.
    if (path === 'direct') checkConnections(demand, connections, present, log);
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    if (path === 'transaction pooler') await expectSameDatabase(address, pid);
    await migrateBesideOthers(client, log);
    return path;
  } catch (error) {
    throw isForbidden(error) ? await forbidden(client, own) : error;
  } finally {
    await client.end();
  }
}

/** All pending migrations are one transaction. Beside the statements of an older version under load it may end in a deadlock. */
async function migrateBesideOthers(client: pg.Client, log: Logger): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await migrate(drizzle(client), { migrationsFolder });
    } catch (error) {
      if (attempt === mostTries || !isInTheWay(error)) throw error;
      log.warn('The migration met locks of a running process. It is tried again.');
      await pause(pauseMs);
    }
  }
}

function checkConnections(demand: Demand, connections: number, present: number, log: Logger): void {
  const sentence = shortOfConnections(demand, connections);
  if (sentence !== null) throw new StartRefused(sentence);
  const together = shortOfConnections({ ...demand, processes: Math.max(present, demand.processes) }, connections);
  if (together !== null) log.warn(`With the running processes: ${together}`);
}

/** The lock held by `pid` must be visible through the pooler, or the addresses are those of two databases. */
async function expectSameDatabase(address: PostgresAddress, pid: number): Promise<void> {
  const client = newClient(address, { connectionTimeoutMillis: connectTimeoutMs, query_timeout: connectTimeoutMs });
  try {
    await client.connect();
    const { rowCount } = await client.query(
      `select from pg_locks where locktype = 'advisory' and pid = ${pid} and objid = ${migrationLock} and granted
         and database = (select oid from pg_database where datname = current_database())`,
    );
    if (rowCount === 1) return;
  } catch (error) {
    throw connectionRefusal(error as Error, address.setting, client);
  } finally {
    await client.end().catch(() => {});
  }
  throw new StartRefused(
    'DATABASE_URL and DATABASE_DIRECT_URL are addresses of two different databases. Set both to the same one, DATABASE_URL through the pooler.',
  );
}

/** SQLSTATE `insufficient_privilege`. */
const isForbidden = (error: unknown) => stateOf(error) === '42501';

/** SQLSTATE `deadlock_detected` and `lock_not_available` (a database may have a `lock_timeout`). */
const isInTheWay = (error: unknown) => ['40P01', '55P03'].includes(stateOf(error));

/** SQLSTATE of PostgreSQL's error, which Drizzle wraps; empty for others. */
function stateOf(error: unknown): string {
  const { cause = error } = error as Error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

async function forbidden(client: pg.Client, { setting }: PostgresAddress): Promise<StartRefused> {
  const { rows } = await client.query<{ may: boolean; user: string; database: string; schema: string; maker: string }>(
    `select current_user as user, current_database() as database, coalesce(current_schema(), 'public') as schema,
       has_database_privilege(current_database(), 'create')
         and has_schema_privilege(coalesce(current_schema(), 'public'), 'create') as may,
       (select pg_get_userbyid(relowner) from pg_class where relname = '__drizzle_migrations' limit 1) as maker`,
  );
  const { may, user, database, schema, maker } = rows[0]!;
  return new StartRefused(
    may
      ? `The tables in the database "${database}" belong to the user "${maker}", and "${user}" of ${setting} may not change them. Sign in as "${maker}", or have an administrator run: grant "${maker}" to "${user}".`
      : `The user "${user}" of ${setting} may not create tables in the database "${database}". Have its owner run: grant create on database "${database}" to "${user}"; grant create, usage on schema "${schema}" to "${user}";`,
  );
}
