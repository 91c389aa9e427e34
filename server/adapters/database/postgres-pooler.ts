/**
 * Detects poolers. In transaction mode (PgBouncer, Supabase, Neon) each transaction may run in a different session, so that
 * session locks and settings are lost or affect other clients.
 */
import type pg from 'pg';
import { newClient, type DatabaseSetting, type PostgresAddress } from './postgres-client.ts';

const timeoutMs = 3000;
/** While the pooler has other clients, one try may look like an unshared session. */
const tries = 5;

/** A pooler completes the handshake before it has a session, so the process id in it is not PostgreSQL's. */
export function isPooled(client: pg.Client, pid: number): boolean {
  return (client as pg.Client & { processID: number | null }).processID !== pid;
}

/** True if two connected clients get the same session, or one client gets two. */
export async function sharesSessions(client: pg.Client, address: PostgresAddress): Promise<boolean> {
  const other = newClient(address, { connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs });
  try {
    await other.connect();
    const mine = await sessionOf(client);
    for (let attempt = 0; attempt < tries; attempt++) {
      await other.query('begin');
      if ((await sessionOf(other)) === mine || (await sessionOf(client)) !== mine) return true;
      await other.query('rollback');
    }
    return false;
  } catch (error) {
    // Statement mode refuses transactions. Any other error, such as an exhausted pool, proves nothing.
    return /statement pooling mode/.test((error as Error).message);
  } finally {
    await other.end().catch(() => {});
  }
}

async function sessionOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]!.pid;
}

export function sharedSessions(setting: DatabaseSetting): string {
  return setting === 'DATABASE_URL'
    ? 'DATABASE_URL points to a pooler in transaction mode, which does not keep session locks. Set DATABASE_DIRECT_URL to the address of the same database without it (Supabase: port 5432; Neon: the host without -pooler), or use that address as DATABASE_URL.'
    : 'DATABASE_DIRECT_URL points to a pooler in transaction mode as well. Set it to the address of the database itself (Supabase: port 5432; Neon: the host without -pooler).';
}
