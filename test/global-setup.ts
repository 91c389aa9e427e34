/**
 * Starts PostgreSQL and Redis for a test run where none can be used at the usual address: PostgreSQL from npm unless one
 * is installed, Redis if it is installed. `TEST_DATABASE_URL` and `TEST_REDIS_URL` name others, which are then used
 * unchanged.
 */
import { canSpawnPostgres, startPostgres } from './faults/postgres-server.ts';
import { canSpawnRedis, startRedis } from './redis-server.ts';
import { isPostgresUsable, isRedisUsable } from './service-addresses.ts';

/** Vitest calls it before the first test file, and what it returns after the last. */
export async function setup(): Promise<() => Promise<void>> {
  const started = new AsyncDisposableStack();
  if (process.env.TEST_DATABASE_URL === undefined && canSpawnPostgres && !(await isPostgresUsable())) {
    const passing = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
    const postgres = started.use(await startPostgres({ settings: passing }));
    process.env.TEST_DATABASE_URL = postgres.url;
    process.stdout.write(`Started ${postgres.version} for this run.\n`);
  }
  if (process.env.TEST_REDIS_URL === undefined && canSpawnRedis && !(await isRedisUsable())) {
    const redis = started.use(await startRedis());
    process.env.TEST_REDIS_URL = redis.url;
    process.stdout.write('Started a redis-server for this run.\n');
  }
  return () => started.disposeAsync();
}
