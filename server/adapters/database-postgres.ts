/** PostgreSQL over one pool of connections. */
import pg from 'pg';
import type { Logger } from 'pino';
import { nodePostgresDrizzle } from '../drizzle.ts';
import type { Connection, Database, Statement } from '../ports/database.ts';
import { connectionString, type PostgresAddress } from './postgres-client.ts';
import { translated } from './postgres-errors.ts';
import { migrateUnderLock } from './postgres-migrate.ts';

export interface PostgresOptions {
  readonly url: string;
  readonly poolSize: number;
  /** Processes that this start is one of. */
  readonly processes: number;
  readonly log: Logger;
}

const connectTimeoutMs = 5_000;
/** Longer than any statement here should take; a connection that was cut off silently is given up after it. */
const statementTimeoutMs = 15_000;

const { drizzle } = nodePostgresDrizzle();

const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [pg.types.builtins.INT8]: Number,
  [pg.types.builtins.DATE]: (day: string) => day,
};
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    parsers[oid] ?? pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};

/** Connects and migrates; any number of processes may start at once. Throws `StartRefused` where it cannot. */
export async function openPostgres({ url, poolSize, processes, log }: PostgresOptions): Promise<Database> {
  const address: PostgresAddress = { setting: 'DATABASE_URL', url };
  await migrateUnderLock(address, { processes, poolSize }, log);
  const pool = new pg.Pool({
    connectionString: connectionString(address),
    max: poolSize,
    types,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 1000,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    keepAlive: true,
    application_name: 'pollux',
  });
  // Idle connections die with the server; the pool replaces them at the next query.
  pool.on('error', (error) => log.warn({ err: error }, 'lost a database connection'));
  // Without a listener of its own a connection that dies between two statements of a transaction ends the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    ...connectionOver(pool),
    transaction: (work) => inTransaction(pool, work),
    async check() {
      await translated(pool.query('select 1'));
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

async function inTransaction<T>(pool: pg.Pool, work: (tx: Connection) => Promise<T>): Promise<T> {
  const client = await translated(pool.connect());
  let broken: Error | undefined;
  try {
    await translated(client.query('begin'));
    const result = await work(connectionOver(client));
    await translated(client.query('commit'));
    return result;
  } catch (error) {
    // A connection that cannot roll back must not return to the pool with its transaction open.
    await client.query('rollback').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.release(broken);
  }
}

function connectionOver(client: pg.Pool | pg.PoolClient): Connection {
  const query = client.query.bind(client) as (...args: unknown[]) => Promise<pg.QueryResult>;
  // Drizzle gets the same translation of errors as statements do.
  const translatedClient = { query: (...args: unknown[]) => translated(query(...args)) };
  return {
    orm: drizzle(translatedClient as unknown as pg.Pool),
    async run<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<Row[]> {
      const result = await translated(query({ name: statement.name, text: statement.text, values }));
      return result.rows as Row[];
    },
  };
}
