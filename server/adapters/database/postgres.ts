/** PostgreSQL over one connection pool. */
import pg from 'pg';
import type { Logger } from 'pino';
import type { Connection, Database, Statement } from '../../ports/database.ts';
import { connectionString, ownAddress, type DatabaseSetting, type PostgresAddress } from './postgres-client.ts';
import { translated } from './postgres-errors.ts';
import { migrateUnderLock, type Path } from './postgres-migrate.ts';

export interface PostgresOptions {
  /** What names `url` in a refusal; DATABASE_URL unless given. */
  readonly setting?: DatabaseSetting;
  readonly url: string;
  /** The database's own address if `url` is a pooler in transaction mode. */
  readonly directUrl: string | null;
  readonly poolSize: number;
  /** Number of processes of this start. */
  readonly processes: number;
  readonly log: Logger;
}

const connectTimeoutMs = 5_000;
/** Longer than any statement should take; also ends the wait on a connection that was lost silently. */
const statementTimeoutMs = 15_000;

/** Types of arrays, which `pg.types.builtins` does not name. */
const int4Array: number = 1007;
const int8Array: number = 1016;

const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [pg.types.builtins.INT8]: Number,
  // Its own parser leaves the elements as text.
  [int8Array]: pg.types.getTypeParser(int4Array),
  [pg.types.builtins.DATE]: (day: string) => day,
};
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    parsers[oid] ?? pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};

/** Connects and migrates; any number of processes may start at once. Throws `StartRefused`. */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const { setting = 'DATABASE_URL', url, directUrl, poolSize, processes, log } = options;
  const address: PostgresAddress = { setting, url };
  const own = directUrl === null ? address : ownAddress(url, directUrl);
  const path = await migrateUnderLock(address, own, { processes, poolSize }, log);
  const pool = new pg.Pool({
    connectionString: connectionString(address),
    max: poolSize,
    types,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeoutMs + 1000,
    ...timeoutsOn(path),
    keepAlive: true,
    application_name: 'pollux',
  });
  // An idle connection was lost; the pool replaces it at the next query.
  pool.on('error', (error) => log.warn({ err: error }, 'lost a database connection'));
  // Without its own listener a connection lost between two statements of a transaction would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    ...connectionOver(pool, path),
    execute: (text, values) => (values.length > 0 ? runText(pool, text, values) : runScript(pool, text)),
    transaction: (work) => inTransaction(pool, path, work),
    async check() {
      await translated(pool.query('select 1'));
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

/** Poolers refuse these as startup parameters; in transaction mode they are set in each transaction instead. */
function timeoutsOn(path: Path): pg.PoolConfig {
  if (path === 'direct') {
    return { statement_timeout: statementTimeoutMs, idle_in_transaction_session_timeout: statementTimeoutMs };
  }
  // The pool awaits the promise, although the type is void.
  return path === 'session pooler'
    ? { onConnect: (client) => client.query(setTimeouts('set')) as unknown as void }
    : {};
}

function beginOn(path: Path): string {
  return path === 'transaction pooler' ? `begin; ${setTimeouts('set local')}` : 'begin';
}

function setTimeouts(set: 'set' | 'set local'): string {
  return ['statement_timeout', 'idle_in_transaction_session_timeout']
    .map((name) => `${set} ${name} = ${statementTimeoutMs}`)
    .join('; ');
}

async function inTransaction<T>(pool: pg.Pool, path: Path, work: (tx: Connection) => Promise<T>): Promise<T> {
  const client = await translated(pool.connect());
  let broken: Error | undefined;
  try {
    await translated(client.query(beginOn(path)));
    const result = await work(connectionOver(client, path));
    await translated(client.query('commit'));
    return result;
  } catch (error) {
    // A connection that cannot roll back must not return to the pool.
    await client.query('rollback').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.release(broken);
  }
}

function connectionOver(client: pg.Pool | pg.PoolClient, path: Path): Connection {
  const isPrepared = path !== 'transaction pooler';
  return {
    async run<Row>(statement: Statement<Row>, values: readonly unknown[]): Promise<Row[]> {
      const { name, text } = statement;
      const result = await translated(client.query({ text, values: [...values], ...(isPrepared && { name }) }));
      return result.rows as Row[];
    },
    execute: (text, values) => runText(client, text, values),
  };
}

/** A text of several statements has one result for each. */
async function runText<Row>(client: pg.Pool | pg.PoolClient, text: string, values: readonly unknown[]): Promise<Row[]> {
  const result: pg.QueryResult | pg.QueryResult[] = await translated(client.query(text, [...values]));
  return [result].flat().flatMap(({ rows }) => rows as Row[]);
}

/** On a separate connection: a script that fails between its `begin` and `commit` leaves a transaction open. */

async function runScript<Row>(pool: pg.Pool, text: string): Promise<Row[]> {
  const client = await translated(pool.connect());
  let broken: Error | undefined;
  try {
    return await runText<Row>(client, text, []);
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.release(broken);
  }
}
