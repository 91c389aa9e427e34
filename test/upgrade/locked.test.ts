/** A start whose migration meets locks of a running process tries again. */
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { distributedPlace, startProduct } from '../harness.ts';
import { services } from '../services.ts';

/** As in `adapters/database/postgres-migrate.ts`. */
const migrationLock = 7_655_897;

describe.skipIf(!services.postgres || !services.redis)('a start', () => {
  it('survives a deadlock between its migration and a running process', async () => {
    await using place = await distributedPlace();
    await (await startProduct(place))[Symbol.asyncDispose]();
    const other = new pg.Client({ connectionString: place.environment.DATABASE_URL });
    await other.connect();
    const waits = `select from pg_locks where not granted and relation = 'drizzle.__drizzle_migrations'::regclass`;
    try {
      await other.query('begin');
      await other.query('lock table drizzle.__drizzle_migrations in access exclusive mode');
      const starting = startProduct(place);
      await expect.poll(async () => (await other.query(waits)).rowCount).toBe(1);
      // Each waits for the other now. PostgreSQL ends the statement that has waited for a second, and this one after two.
      await other.query(`set local lock_timeout = '2s'`);
      await expect(other.query(`select pg_advisory_lock(${migrationLock})`)).rejects.toThrow('lock timeout');
      await other.query('rollback');
      await using _product = await starting;
    } finally {
      await other.end();
    }
  });
});
