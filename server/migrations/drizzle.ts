/**
 * Drizzle, loaded as CommonJS. Its module graph is one large circle, for which Node 24's ESM loader takes 0.9 s and
 * 292 MB where `require` takes 0.14 s and 66 MB (`docs/decisions/0001-drizzle-as-commonjs.md`).
 */
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

export const { sql } = load('drizzle-orm') as typeof import('drizzle-orm');
export const { bigint, bit, boolean, customType, date, index, integer, jsonb, pgTable, primaryKey, smallint, text, timestamp, uniqueIndex, uuid } = load(
  'drizzle-orm/pg-core',
) as typeof import('drizzle-orm/pg-core');

/** The driver for node-postgres, loaded on demand. */
export function nodePostgresDrizzle() {
  const { drizzle } = load('drizzle-orm/node-postgres') as typeof import('drizzle-orm/node-postgres');
  const { migrate } = load('drizzle-orm/node-postgres/migrator') as typeof import('drizzle-orm/node-postgres/migrator');
  return { drizzle, migrate };
}

/** The driver for PGlite, loaded on demand. */
export function pgliteDrizzle() {
  const { drizzle } = load('drizzle-orm/pglite') as typeof import('drizzle-orm/pglite');
  const { migrate } = load('drizzle-orm/pglite/migrator') as typeof import('drizzle-orm/pglite/migrator');
  return { drizzle, migrate };
}
