/** Connects at start and refuses an unsuitable server before anything is written to it. */
import type pg from 'pg';
import { StartRefused } from '../../config/start-refused.ts';
import type { DatabaseSetting, PostgresAddress } from './postgres-client.ts';
import { isPooled, sharedSessions, sharesSessions } from './postgres-pooler.ts';
import { connectionRefusal } from './postgres-refusals.ts';

export interface ServerFacts {
  /** `server_version_num`: 150004 is 15.4. */
  readonly version: number;
  readonly encoding: string;
  /** A replica or a read-only session. */
  readonly readOnly: boolean;
  /** Connections allowed to this user, in all processes. */
  readonly connections: number;
  /** Pollux processes already connected. */
  readonly present: number;
  /** PostgreSQL's process for this session. */
  readonly pid: number;
  /** A copy of an embedded folder into this database has not finished. */
  readonly halfCopied: boolean;
}

/** Determines how many connections the processes of one start hold. */
export interface Demand {
  readonly processes: number;
  readonly poolSize: number;
}

const oldestVersion = 150_000;

/** The advisory lock held by every running process. */
export const presenceLock = 7_655_898;

const factsSql = `select
  pg_backend_pid() as pid,
  to_regclass('pollux_copy.progress') is not null as "halfCopied",
  current_setting('server_version_num')::int as version,
  current_setting('server_encoding') as encoding,
  pg_is_in_recovery() or current_setting('transaction_read_only')::bool as "readOnly",
  (select count(*)::int from pg_locks where locktype = 'advisory' and objid = ${presenceLock} and granted
    and database = (select oid from pg_database where datname = current_database())) as present,
  (select least(
      current_setting('max_connections')::int - case when rolsuper then 0 else
        current_setting('superuser_reserved_connections')::int
          + coalesce(current_setting('reserved_connections', true)::int, 0) end,
      case when rolconnlimit < 0 then null else rolconnlimit end,
      (select datconnlimit from pg_database where datname = current_database() and datconnlimit >= 0))
    from pg_roles where rolname = current_user) as connections`;

/**
 * Connects without retries. Throws `StartRefused` if it cannot, if the server is unsuitable, or if the session is shared with
 * other clients.
 */
export async function connectAtStart(client: pg.Client, address: PostgresAddress): Promise<ServerFacts> {
  const { setting } = address;
  try {
    await client.connect();
    const { rows } = await client.query<ServerFacts>(factsSql);
    const facts = rows[0]!;
    const sentence = unfit(facts, setting, client.database ?? '');
    if (sentence !== null) throw new StartRefused(sentence);
    if (isPooled(client, facts.pid) && (await sharesSessions(client, address))) {
      throw new StartRefused(sharedSessions(setting));
    }
    return facts;
  } catch (error) {
    client.end().catch(() => {});
    throw error instanceof StartRefused ? error : connectionRefusal(error as Error, setting, client);
  }
}

/** Why the server is unsuitable; null if it is suitable. */
export function unfit(facts: ServerFacts, setting: DatabaseSetting, database: string): string | null {
  const { version, encoding, readOnly } = facts;
  if (version < oldestVersion) {
    return `PostgreSQL of ${setting} is version ${Math.floor(version / 10_000)}; Pollux needs ${oldestVersion / 10_000} or newer. Upgrade it, or use another server.`;
  }
  if (encoding !== 'UTF8') {
    return `The database "${database}" of ${setting} has the encoding ${encoding}; Pollux needs UTF8. Create one with: createdb --encoding=UTF8 --template=template0 NAME.`;
  }
  if (readOnly) {
    return `${setting} points to a read-only server, such as a replica. Set it to the address of the primary.`;
  }
  return null;
}

/** Per process its pool and the presence lock, plus one for the migration. */
function connectionsFor({ processes, poolSize }: Demand): number {
  return processes * (poolSize + 1) + 1;
}

/** Why these processes would run out of connections, and what to set instead; null if they fit. */
export function shortOfConnections(demand: Demand, connections: number): string | null {
  const needed = connectionsFor(demand);
  if (needed <= connections) return null;
  const { processes, poolSize } = demand;
  const fitting = Math.floor((connections - 1) / processes) - 1;
  const who = processes === 1 ? 'One process' : `${processes} processes`;
  const remedy = fitting > 0 ? `Set DATABASE_POOL_SIZE=${fitting}` : 'Set a smaller WEB_CONCURRENCY';
  return `${who} with DATABASE_POOL_SIZE=${poolSize} can need ${needed} connections, and PostgreSQL allows ${connections}. ${remedy}, or allow more.`;
}
