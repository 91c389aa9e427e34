/** PostgreSQL and Redis for tests: each test file gets a fresh database and key prefix. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { isPostgresUsable, isRedisUsable, postgresAddress, redisAddress } from './service-addresses.ts';

const postgresUrl = postgresAddress();
export const redisUrl = redisAddress();

/** Which services this run has. Under `CI=true` a missing one is an error, so that nothing is skipped silently. */
export const services = {
  postgres: await isPostgresUsable(),
  redis: await isRedisUsable(),
};

if (process.env.CI === 'true' && !(services.postgres && services.redis)) {
  throw new Error(`CI needs PostgreSQL at ${postgresUrl} and Redis at ${redisUrl}: ${JSON.stringify(services)}`);
}

/** A name that no other test file or run uses. */
export function uniqueName(): string {
  return `pollux_test_${process.pid}_${randomBytes(4).toString('hex')}`;
}

/** Creates an empty database and returns its URL; dispose drops it. */
export async function freshDatabase(): Promise<{ url: string } & AsyncDisposable> {
  const name = uniqueName();
  await asAdmin(`create database ${name}`);
  // Test data need not survive a power cut, so that commits need not wait for the disk.
  await asAdmin(`alter database ${name} set synchronous_commit = off`);
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return { url: url.href, [Symbol.asyncDispose]: () => asAdmin(`drop database if exists ${name} with (force)`) };
}

async function asAdmin(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
