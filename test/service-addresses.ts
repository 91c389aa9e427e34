/** The addresses of PostgreSQL and Redis for tests, and whether they can be used. */
import { Redis } from 'ioredis';
import pg from 'pg';

const patienceMs = 5000;

/** `TEST_DATABASE_URL`, or the default address. */
export function postgresAddress(): string {
  return process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
}

/** `TEST_REDIS_URL`, or the default address. */
export function redisAddress(): string {
  return process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';
}

/** True when tests can connect and create databases there. */
export async function isPostgresUsable(): Promise<boolean> {
  const client = new pg.Client({ connectionString: postgresAddress(), connectionTimeoutMillis: patienceMs });
  client.on('error', () => {});
  try {
    await client.connect();
    const sql = 'select rolcreatedb or rolsuper as may from pg_roles where rolname = current_user';
    const { rows } = await client.query<{ may: boolean }>(sql);
    return rows[0]?.may === true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** True when tests can connect to a Redis there. */
export async function isRedisUsable(): Promise<boolean> {
  const redis = new Redis(redisAddress(), { lazyConnect: true, retryStrategy: () => null, connectTimeout: patienceMs });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}
