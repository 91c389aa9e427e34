/** PostgreSQL and Redis for tests: found once, used through a fresh database and key prefix a test file. */
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import pg from 'pg';

const postgresUrl = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
export const redisUrl = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';

async function answers(url: string, defaultPort: number): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = net.connect({ host: hostname, port: Number(port || defaultPort) });
    socket.setTimeout(2000, () => socket.destroy());
    socket.once('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

/** Which services this machine has. Under `CI=true` a missing one is an error, so that nothing is skipped silently. */
export const services = {
  postgres: await answers(postgresUrl, 5432),
  redis: await answers(redisUrl, 6379),
};

if (process.env.CI === 'true' && !(services.postgres && services.redis)) {
  throw new Error(`CI needs PostgreSQL at ${postgresUrl} and Redis at ${redisUrl}: ${JSON.stringify(services)}`);
}

/** A name no other test file or run uses. */
export function uniqueName(): string {
  return `pollux_test_${process.pid}_${randomBytes(4).toString('hex')}`;
}

/** Makes an empty database and gives its URL; dispose drops it. */
export async function freshDatabase(): Promise<{ url: string } & AsyncDisposable> {
  const name = uniqueName();
  await asAdmin(`create database ${name}`);
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
