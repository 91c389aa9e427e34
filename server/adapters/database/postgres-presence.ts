/** Prevents several processes from sharing a database without sharing Redis. */
import type pg from 'pg';
import type { Logger } from 'pino';
import { StartRefused } from '../../config/start-refused.ts';
import { connectAtStart, presenceLock } from './postgres-check.ts';
import { newClient, type PostgresAddress } from './postgres-client.ts';

const retryMs = 1000;
/** Bounds the start and each retry if the server accepts and does not answer. */
const timeoutMs = 5000;

/** A process beside others with the same Redis, the only process, or the only one because it fills the database. */
export type Presence = 'shared' | 'alone' | 'copying';

/**
 * Holds an advisory lock until disposed: shared for processes with Redis, exclusive for others. Throws `StartRefused`, also for
 * a database into which a copy has not finished. If the connection is lost, the lock is taken again when the server is available.
 */
export async function announcePresence(
  address: PostgresAddress,
  presence: Presence,
  log: Logger,
): Promise<AsyncDisposable> {
  const shared = presence === 'shared';
  let closing = false;
  let client = await holdLock({
    address,
    shared,
    onLost,
    connect: (firstClient) => connectFirst(firstClient, address, presence),
  });
  let retry: NodeJS.Timeout | null = null;

  function onLost(): void {
    if (closing) return;
    retry = setTimeout(() => {
      holdLock({ address, shared, onLost, connect: reconnect }).then(
        (next) => {
          client = next;
          if (closing) void client.end();
        },
        (error: unknown) => {
          if (error instanceof StartRefused) log.error(error.message);
          onLost();
        },
      );
    }, retryMs);
  }

  return {
    async [Symbol.asyncDispose]() {
      closing = true;
      if (retry !== null) clearTimeout(retry);
      await client.end().catch(() => {});
    },
  };
}

async function connectFirst(client: pg.Client, address: PostgresAddress, presence: Presence): Promise<void> {
  const { halfCopied } = await connectAtStart(client, address);
  if (!halfCopied || presence === 'copying') return;
  await client.end();
  throw new StartRefused(
    `A copy into the database of ${address.setting} has not finished. Run npm run admin -- copy-to again, which continues it, or use another database.`,
  );
}

interface Hold {
  readonly address: PostgresAddress;
  readonly shared: boolean;
  readonly onLost: () => void;
  readonly connect: (client: pg.Client) => Promise<void>;
}

/** Without the checks of a start: a failed retry is retried, only a start is refused. */
async function reconnect(client: pg.Client): Promise<void> {
  await client.connect();
}

async function holdLock({ address, shared, onLost, connect }: Hold): Promise<pg.Client> {
  const client = newClient(address, {
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    keepAlive: true,
    application_name: 'pollux presence',
  });
  await connect(client);
  const call = shared ? 'pg_try_advisory_lock_shared' : 'pg_try_advisory_lock';
  const { rows } = await client
    .query<{ held: boolean }>(`select ${call}($1) as held`, [presenceLock])
    .catch((error: unknown) => {
      client.end().catch(() => {});
      throw error;
    });
  if (rows[0]?.held) {
    client.once('end', onLost);
    return client;
  }
  await client.end();
  throw new StartRefused(
    shared
      ? 'A Pollux without REDIS_URL runs on this database. Stop it, or set the same REDIS_URL for both.'
      : 'Another Pollux runs on this database. Several processes need Redis as well: set REDIS_URL for all of them, or stop the other.',
  );
}
