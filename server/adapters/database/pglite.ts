/** The embedded database: PostgreSQL compiled to WebAssembly, in this process, over a folder locked for it. */
import { mkdirSync } from 'node:fs';
import { PGlite, types, type Transaction } from '@electric-sql/pglite';
import { closeFiles } from '../../config/data-folder.ts';
import { pgliteDrizzle } from '../../migrations/drizzle.ts';
import { DatabaseUnavailable, type Connection, type Database } from '../../ports/database.ts';
import { StartRefused } from '../../config/start-refused.ts';
import { lockDirectory } from './directory-lock.ts';
import { migrationsFolder } from './migrations.ts';
import { preparedStatements, type RunStatement } from './pglite-statements.ts';
import { translated } from './postgres-errors.ts';

/** WebAssembly has no autovacuum. */
const vacuumEveryMs = 10 * 60_000;

const { drizzle, migrate } = pgliteDrizzle();
const parsers = { [types.INT8]: Number, [types.DATE]: (day: string) => day };

/**
 * Opens the folder, migrates it, and holds its lock until disposed; throws `StartRefused` if another process holds it.
 * Survives a killed process, not a power failure: WebAssembly has no fsync.
 */
export async function openPglite(directory: string): Promise<Database> {
  mkdirSync(directory, { recursive: true });
  const unlock = lockDirectory(directory);
  try {
    const client = await PGlite.create(directory, { parsers }).catch((error: unknown) => unreadable(directory, error));
    await migrate(drizzle(client), { migrationsFolder });
    closeFiles(directory);
    return embeddedDatabase(client, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

/** PGlite does not report why it failed; the folder is writable at this point. */
function unreadable(directory: string, cause: unknown): never {
  throw new StartRefused(
    `The folder ${directory} in DATA_DIR holds no database that this version can open, or its disk is full. Free space, restore a backup, or set another DATA_DIR.`,
    { cause },
  );
}

/**
 * After a PANIC, for example when the disk is full during a write to the write-ahead log, the next call into WebAssembly would
 * block forever. The process exits instead, as PostgreSQL does: acknowledged writes are in the log.
 */
async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await translated(answer);
  } catch (error) {
    const cause = error instanceof DatabaseUnavailable ? error.cause : error;
    if (!(cause instanceof Error && 'severity' in cause && cause.severity === 'PANIC')) throw error;
    process.stderr.write(
      'The embedded database has failed; the disk of DATA_DIR may be full. Free space and start again.\n',
    );
    process.exit(1);
  }
}

function embeddedDatabase(client: PGlite, unlock: () => void): Database {
  const run = preparedStatements(client);
  const exclusively = oneAtATime();
  const vacuum = setInterval(
    () => void exclusively(() => client.exec('vacuum (analyze)')).catch(() => {}),
    vacuumEveryMs,
  );
  vacuum.unref();
  return {
    ...connectionOver(client, run, exclusively),
    execute: <Row>(text: string, values: readonly unknown[]) =>
      answered(exclusively(() => runText<Row>(client, text, values).catch(rolledBack(client)))),
    transaction: (work) =>
      answered(exclusively(() => client.transaction((tx) => work(connectionOver(tx, run, withinLock))))),
    async check() {
      await answered(exclusively(() => client.query('select 1')));
    },
    async [Symbol.asyncDispose]() {
      clearInterval(vacuum);
      await exclusively(() => client.close());
      unlock();
    },
  };
}

type Lock = <T>(work: () => Promise<T>) => Promise<T>;

/** Inside a transaction, which holds the lock. */
const withinLock: Lock = (work) => work();

/**
 * The lock for all work on the database; a transaction holds it to its end. PGlite has its own, but statements over its wire
 * protocol bypass that: they would become part of another caller's transaction.
 */
function oneAtATime(): Lock {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
}

function connectionOver(client: PGlite | Transaction, run: RunStatement, lock: Lock): Connection {
  return {
    run: (statement, values) => answered(lock(() => run(statement, values))),
    execute: (text, values) => answered(lock(() => runText(client, text, values))),
  };
}

async function runText<Row>(client: PGlite | Transaction, text: string, values: readonly unknown[]): Promise<Row[]> {
  if (values.length > 0) return (await client.query<Row>(text, [...values], { parsers })).rows;
  return (await client.exec(text, { parsers })).flatMap(({ rows }) => rows as Row[]);
}

/** Ends the transaction that a script leaves open if it fails between its `begin` and `commit`. */
function rolledBack(client: PGlite): (failure: unknown) => Promise<never> {
  return async (failure) => {
    await client.exec('rollback').catch(() => {});
    throw failure;
  };
}
