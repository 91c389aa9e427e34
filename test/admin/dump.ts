/** The whole content of a database, as text. */
import path from 'node:path';
import { pino } from 'pino';
import { openPglite } from '../../server/adapters/database/pglite.ts';
import { openPostgres } from '../../server/adapters/database/postgres.ts';
import type { Database } from '../../server/ports/database.ts';
import type { Place } from '../harness.ts';

const log = pino({ level: 'silent' });

/** The database of a place whose product is stopped. */
export function connectDatabase({ environment }: Place): Promise<Database> {
  const { DATABASE_URL: url, DATA_DIR } = environment;
  if (url === undefined) return openPglite(path.join(DATA_DIR!, 'pglite'));
  return openPostgres({ url, directUrl: null, poolSize: 2, processes: 1, log });
}

export async function dump(db: Database): Promise<string> {
  await db.execute(`set timezone = 'UTC'`, []);
  const names = await db.execute<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
       order by relname`,
    [],
  );
  const rows: string[] = [];
  for (const { name } of names) {
    const found = await db.execute<{ row: string }>(
      `select '${name} ' || (t.*)::text as row from ${name} t order by (t.*)::text collate "C"`,
      [],
    );
    rows.push(...found.map(({ row }) => row));
  }
  return rows.join('\n');
}
