/** Loads the database that `fill.ts` stored into a place for a product, in either mode. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Client } from 'pg';
import { nodePostgresDrizzle, pgliteDrizzle } from '../../server/migrations/drizzle.ts';
import type { Place } from '../harness.ts';
import type { AccountReading } from './read-accounts.ts';

const migrations = path.resolve(import.meta.dirname, '../../server/migrations');

const read = (name: string) => readFile(path.join(import.meta.dirname, name), 'utf8');

export interface Stored {
  readonly taken_at: string;
  readonly pro: AccountReading;
  readonly basic: AccountReading;
}

/** What its accounts read when it was stored, and the time. */
export async function storedReading(): Promise<Stored> {
  return JSON.parse(await read('read.json')) as Stored;
}

interface Session extends AsyncDisposable {
  run(sql: string): Promise<void>;
  migrate(migrationsFolder: string): Promise<void>;
}

/** `last` is the newest migration to run before a product runs the rest; null for none. */
export async function load(place: Place, last: string | null, more: string): Promise<void> {
  await using session = await openSession(place);
  await session.run(await read('database.sql'));
  await session.run(more);
  if (last === null) return;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pollux-migrations-'));
  await cp(migrations, folder, { recursive: true });
  const journal = path.join(folder, 'meta/_journal.json');
  const all = JSON.parse(await readFile(journal, 'utf8')) as { entries: { tag: string }[] };
  const entries = all.entries.slice(0, all.entries.findIndex(({ tag }) => tag === last) + 1);
  await writeFile(journal, JSON.stringify({ ...all, entries }));
  await session.migrate(folder);
  await rm(folder, { recursive: true });
}

async function openSession({ environment }: Place): Promise<Session> {
  if (environment.DATABASE_URL === undefined) {
    const client = await PGlite.create(path.join(environment.DATA_DIR!, 'pglite'));
    const { drizzle, migrate } = pgliteDrizzle();
    return {
      run: async (sql) => void (await client.exec(sql)),
      migrate: (migrationsFolder) => migrate(drizzle(client), { migrationsFolder }),
      [Symbol.asyncDispose]: () => client.close(),
    };
  }
  const client = new Client({ connectionString: environment.DATABASE_URL });
  await client.connect();
  const { drizzle, migrate } = nodePostgresDrizzle();
  return {
    run: async (sql) => void (await client.query(sql)),
    migrate: (migrationsFolder) => migrate(drizzle(client), { migrationsFolder }),
    [Symbol.asyncDispose]: () => client.end(),
  };
}
