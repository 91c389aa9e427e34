/** Brings the schema up to date under an advisory lock, and refuses a user that may not. */
import type pg from 'pg';
import type { Logger } from 'pino';
import { nodePostgresDrizzle } from '../drizzle.ts';
import { StartRefused } from '../start-refused.ts';
import { migrationsFolder } from './migrations.ts';
import { connectAtStart, shortOfConnections, type Demand } from './postgres-check.ts';
import { newClient, type PostgresAddress } from './postgres-client.ts';

/** Any number that all versions of Pollux agree on. */
const migrationLock = 7_655_897;

const connectTimeoutMs = 5_000;

const { drizzle, migrate } = nodePostgresDrizzle();

/** Migrates. The first of several that start at once does it, the others wait. Throws `StartRefused`. */
export async function migrateUnderLock(address: PostgresAddress, demand: Demand, log: Logger): Promise<void> {
  const client = newClient(address, { connectionTimeoutMillis: connectTimeoutMs });
  const { connections, present } = await connectAtStart(client, address.setting);
  try {
    const sentence = shortOfConnections(demand, connections);
    if (sentence !== null) throw new StartRefused(sentence);
    const together = shortOfConnections({ ...demand, processes: Math.max(present, demand.processes) }, connections);
    if (together !== null) log.warn(`With the processes that run already: ${together}`);
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await migrate(drizzle(client), { migrationsFolder });
  } catch (error) {
    throw isForbidden(error) ? await forbidden(client, address) : error;
  } finally {
    await client.end();
  }
}

/** SQLSTATE `insufficient_privilege`; Drizzle wraps what PostgreSQL says. */
function isForbidden(error: unknown): boolean {
  const { cause = error } = error as Error;
  return cause instanceof Error && 'code' in cause && cause.code === '42501';
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
