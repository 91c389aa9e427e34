/** Each kind of database that the product supports, empty and migrated. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { openPglite } from '../server/adapters/database/pglite.ts';
import { openPostgres } from '../server/adapters/database/postgres.ts';
import type { Database } from '../server/ports/database.ts';
import { copyEmbeddedDatabase } from './embedded-template.ts';
import { freshDatabase, services } from './services.ts';
import { canSpawnPgbouncer, startPgbouncer } from './start/pgbouncer.ts';

const log = pino({ level: 'silent' });

async function embedded(): Promise<Database> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'pollux-'));
  await copyEmbeddedDatabase(directory);
  const database = await openPglite(directory);
  return {
    ...database,
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]().then(() => rm(directory, { recursive: true })),
  };
}

async function postgres(): Promise<Database> {
  const fresh = await freshDatabase();
  const database = await openPostgres({ url: fresh.url, directUrl: null, poolSize: 5, processes: 1, log });
  return {
    ...database,
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]().then(() => fresh[Symbol.asyncDispose]()),
  };
}

async function pooled(): Promise<Database> {
  const fresh = await freshDatabase();
  const pooler = await startPgbouncer(fresh.url, { mode: 'transaction', poolSize: 5 });
  const url = pooler.through(fresh.url);
  const database = await openPostgres({ url, directUrl: fresh.url, poolSize: 10, processes: 1, log });
  return {
    ...database,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await pooler[Symbol.asyncDispose]();
      await fresh[Symbol.asyncDispose]();
    },
  };
}

export const databases: readonly { name: string; open: () => Promise<Database>; present: boolean }[] = [
  { name: 'PGlite', open: embedded, present: true },
  { name: 'PostgreSQL', open: postgres, present: services.postgres },
  { name: 'PostgreSQL behind PgBouncer', open: pooled, present: services.postgres && canSpawnPgbouncer },
];
