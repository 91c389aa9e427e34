/** The embedded database: PostgreSQL compiled to WebAssembly, in this process, in a folder only this process may use. */
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

/** There is no autovacuum in WebAssembly. */
const vacuumEveryMs = 10 * 60_000;

const { drizzle, migrate } = pgliteDrizzle();
const parsers = { [types.INT8]: Number, [types.DATE]: (day: string) => day };

/**
 * Opens the folder, migrates it, and holds its lock until disposed; throws `StartRefused` when another process has
 * it. Safe against a killed process, not against a power cut: WebAssembly has no fsync to offer.
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

/** Whatever is wrong, PGlite only says that it failed; the folder itself can be written to. */
function unreadable(directory: string, cause: unknown): never {
  throw new StartRefused(
    `The folder ${directory} in DATA_DIR holds no database that this version can open, or its disk is full. Make room, restore it from a copy, or set another DATA_DIR.`,
    { cause },
  );
}

/**
 * After a PANIC, as of a disk that is full in the middle of the write-ahead log, the next call into WebAssembly would
 * block this process for ever. It ends instead, as PostgreSQL does: what was acknowledged is in the log.
 */
async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await translated(answer);
  } catch (error) {
    const cause = error instanceof DatabaseUnavailable ? error.cause : error;
    if (!(cause instanceof Error && 'severity' in cause && cause.severity === 'PANIC')) throw error;
    process.stderr.write(
      'The embedded database cannot go on; is the disk of DATA_DIR full? Make room and start again.\n',
    );
    process.exit(1);
  }
}

function embeddedDatabase(client: PGlite, unlock: () => void): Database {
  const run = preparedStatements(client);
  const alone = oneAtATime();
  const vacuum = setInterval(() => void alone(() => client.exec('vacuum (analyze)')).catch(() => {}), vacuumEveryMs);
  vacuum.unref();
  return {
    ...connectionOver(client, run, alone),
    execute: <Row>(text: string, values: readonly unknown[]) =>
      answered(alone(() => runText<Row>(client, text, values).catch(rolledBack(client)))),
    transaction: (work) => answered(alone(() => client.transaction((tx) => work(connectionOver(tx, run, atOnce))))),
    async check() {
      await answered(alone(() => client.query('select 1')));
    },
    async [Symbol.asyncDispose]() {
      clearInterval(vacuum);
      await alone(() => client.close());
      unlock();
    },
  };
}

type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/** Inside a transaction, which has the turn. */
const atOnce: Turn = (work) => work();

/**
 * The lock that all work on the database passes, a transaction as a whole. PGlite has one of its own, but statements over
 * its wire protocol go past that: they would become part of somebody else's transaction.
 */
function oneAtATime(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
}

function connectionOver(client: PGlite | Transaction, run: RunStatement, turn: Turn): Connection {
  const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
  // All that Drizzle calls, a transaction's handle included: transactions are begun by us.
  const translatedClient = { query: (...args: unknown[]) => answered(turn(() => query(...args))) };
  return {
    orm: drizzle(translatedClient as unknown as PGlite),
    run: (statement, values) => answered(turn(() => run(statement, values))),
    execute: (text, values) => answered(turn(() => runText(client, text, values))),
  };
}

async function runText<Row>(client: PGlite | Transaction, text: string, values: readonly unknown[]): Promise<Row[]> {
  if (values.length > 0) return (await client.query<Row>(text, [...values], { parsers })).rows;
  return (await client.exec(text, { parsers })).flatMap(({ rows }) => rows as Row[]);
}

/** A script that fails between its `begin` and `commit` leaves a transaction open, which ends before the next's turn. */
function rolledBack(client: PGlite): (failure: unknown) => Promise<never> {
  return async (failure) => {
    await client.exec('rollback').catch(() => {});
    throw failure;
  };
}
