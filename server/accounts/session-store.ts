/** SQL for sessions. */
import type { Connection, Statement } from '../ports/database.ts';

/** A session ends after this long without use. */
const idleDays = 60;
/** A session ends after this long even if it is used. */
const absoluteDays = 90;

const endsAt = `least(sessions.expires_at, sessions.created_at + interval '${absoluteDays} days')`;
const isLive = `revoked_at is null and ${endsAt} > now()`;
const endsInMs = `(extract(epoch from ${endsAt} - now()) * 1000)::float8 as "endsInMs"`;

const add: Statement<{ endsInMs: number }> = {
  name: 'session_add',
  text: `insert into sessions (id, user_id, user_agent, expires_at)
    values ($1, $2, $3, now() + interval '${idleDays} days') returning ${endsInMs}`,
};

/** Adds a session; returns its remaining lifetime. */
export async function addSession(
  db: Connection,
  { id, userId, userAgent }: { id: string; userId: number; userAgent: string | null },
): Promise<{ endsInMs: number }> {
  const [row] = await db.run(add, [id, userId, userAgent]);
  return row!;
}

export interface SessionState {
  readonly userId: number;
  readonly mobileNumber: string;
  readonly generation: number;
  readonly live: boolean;
  readonly sinceRotationMs: number;
  readonly endsInMs: number;
}

const state: Statement<SessionState> = {
  name: 'session_state',
  text: `select user_id as "userId", mobile_number as "mobileNumber", generation, ${isLive} as live, ${endsInMs},
      (extract(epoch from now() - rotated_at) * 1000)::float8 as "sinceRotationMs"
    from sessions join users on users.id = user_id where sessions.id = $1`,
};

export async function readSession(db: Connection, id: string): Promise<SessionState | null> {
  const rows = await db.run(state, [id]);
  return rows[0] ?? null;
}

const liveSession: Statement<{ userId: number; endsInMs: number }> = {
  name: 'session_live',
  text: `select user_id as "userId", ${endsInMs} from sessions where id = $1 and ${isLive}`,
};

/** The session's owner and remaining lifetime; null when there is no such session. */
export async function readLiveSession(
  db: Connection,
  id: string,
): Promise<{ userId: number; endsInMs: number } | null> {
  const rows = await db.run(liveSession, [id]);
  return rows[0] ?? null;
}

const rotate: Statement<{ id: string }> = {
  name: 'session_rotate',
  text: `update sessions set generation = generation + 1, rotated_at = now(), last_used_at = now(),
      expires_at = least(now() + interval '${idleDays} days', created_at + interval '${absoluteDays} days')
    where id = $1 and generation = $2 and ${isLive} returning id`,
};

/** Advances a live session from `generation` to the next; false when it has another generation. */
export async function rotateSession(db: Connection, id: string, generation: number): Promise<boolean> {
  const rotated = await db.run(rotate, [id, generation]);
  return rotated.length > 0;
}

const revoke: Statement<{ id: string }> = {
  name: 'session_revoke',
  text: `update sessions set revoked_at = clock_timestamp()
    where id = $1 and user_id = $2 and revoked_at is null returning id`,
};

/** Ends a session of this user; false when there is no such live session. */
export async function revokeSession(db: Connection, id: string, userId: number): Promise<boolean> {
  const revoked = await db.run(revoke, [id, userId]);
  return revoked.length > 0;
}

export interface SessionRow {
  readonly id: string;
  readonly userAgent: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
}

const list: Statement<SessionRow> = {
  name: 'session_list',
  text: `select id, user_agent as "userAgent", created_at as "createdAt", last_used_at as "lastUsedAt" from sessions
    where user_id = $1 and ${isLive} order by last_used_at desc, id desc`,
};

export function listLiveSessions(db: Connection, userId: number): Promise<SessionRow[]> {
  return db.run(list, [userId]);
}

/** The most ended sessions that one call of `readChanges` returns. */
export const mostEnds = 10_000;
/** Of more administrators, those who registered first have the role. */
const mostAdmins = 1000;

/**
 * A trigger records every end with its transaction id, deletions included. Ends that were not visible to the last read
 * belong to transactions at or above its horizon, so none is missed, however long a transaction takes.
 */
const changesSince: Statement<{ horizon: number; ids: string[]; deleted: string[]; admins: string[] }> = {
  name: 'sessions_changes_since',
  // A live session's row is deleted only with its account.
  text: `with ends as (select id from ended_sessions where xid >= $1::bigint order by xid limit ${mostEnds})
    select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as horizon,
    (select coalesce(array_agg(id::text), '{}') from ends) as ids,
    (select coalesce(array_agg(id::text), '{}') from ends
      where (select s.id from sessions s where s.id = ends.id) is null) as deleted,
    (select coalesce(array_agg(id::text), '{}') from (
      select id from users where role = 'admin' order by id limit ${mostAdmins}
    ) as admins) as admins`,
};

export interface SessionChanges {
  /** For the next read. */
  readonly horizon: number;
  readonly ids: readonly string[];
  /** Those of them that went with their account. */
  readonly deleted: readonly string[];
  /** Ids of all administrators. */
  readonly admins: readonly number[];
}

/** Sessions whose end was not yet visible when `horizon` was read, and who is an administrator now. */
export async function readChanges(db: Connection, horizon: number): Promise<SessionChanges> {
  const [row] = await db.run(changesSince, [horizon]);
  return row ? { ...row, admins: row.admins.map(Number) } : { horizon, ids: [], deleted: [], admins: [] };
}

const deleteAll: Statement<{ id: string }> = {
  name: 'sessions_delete',
  text: `delete from sessions where user_id = $1 returning id`,
};

/** Deletes a user's sessions, with their tickets; returns their ids. */
export async function deleteSessions(db: Connection, userId: number): Promise<string[]> {
  return (await db.run(deleteAll, [userId])).map(({ id }) => id);
}

const revokeAll: Statement<{ id: string }> = {
  name: 'sessions_revoke',
  text: `update sessions set revoked_at = clock_timestamp() where user_id = $1 and revoked_at is null returning id`,
};

/** Ends all sessions of a user; returns their ids. */
export async function revokeSessions(db: Connection, userId: number): Promise<string[]> {
  return (await db.run(revokeAll, [userId])).map(({ id }) => id);
}
