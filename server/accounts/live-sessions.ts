/**
 * Cache of live sessions, and of who is an administrator. A session is read from the database on first use; sessions that end in
 * any process are dropped here within a second, and roles change here within one. So authentication needs no query for each
 * request.
 */
import type { Logger } from 'pino';
import { LRUCache } from 'lru-cache';
import type { Role } from '../http/serve.ts';
import type { Database } from '../ports/database.ts';
import { mostEnds, readChanges, readLiveSession } from './session-store.ts';

export interface SessionOwner {
  readonly userId: number;
  readonly sessionId: string;
}

/** Why a session is over. `signed_out`: here, from another device, or by the service. */
export type SessionEnd = 'signed_out' | 'account_deleted';

export type EndListener = (sessionId: string | null, reason: SessionEnd) => void;

export interface LiveSessions extends AsyncDisposable {
  /** True while this session of this user is live. Rejects while the database is unavailable and the cache too old. */
  isLive(owner: SessionOwner): Promise<boolean> | boolean;
  /** The account's role, at most a second old. Rejects like `isLive`. */
  roleOf(userId: number): Promise<Role> | Role;
  /** Ends the session in this process at once. */
  end(sessionId: string, reason: SessionEnd): void;
  /**
   * Calls `listener` with each ended session, and with null when any session may have ended: more ended than one read
   * returns, or this process was suspended for longer than ends are kept. Returns the unsubscribe function.
   */
  onEnded(listener: EndListener): () => void;
}

const pollEveryMs = 400;
/** The cache is not used when its last poll is older than this. */
export const trustForMs = 900;
/** Housekeeping keeps ends for an hour; half of that allows for clock skew. */
const longestGapMs = 30 * 60_000;
/** About 150 bytes each. An evicted session is read again on its next use. */
const remembered = 50_000;
/** Lower than any transaction id. */
const theBeginning = 0;

/** Starts polling for ends. */
export async function watchSessions(db: Database, log: Logger): Promise<LiveSessions> {
  const live = new LRUCache<string, { readonly userId: number; readonly untilMs: number }>({ max: remembered });
  /** A session never becomes live again, so these entries cannot be stale. */
  const ended = new LRUCache<string, true>({ max: remembered });
  const lookups = new Map<string, Promise<boolean>>();
  const listeners = new Set<EndListener>();
  let admins: ReadonlySet<number> = new Set();
  let horizon = theBeginning;
  let readAt = Date.now();
  let reading: Promise<void> | null = null;

  function end(sessionId: string, reason: SessionEnd): void {
    if (ended.has(sessionId)) return;
    ended.set(sessionId, true);
    live.delete(sessionId);
    for (const listener of listeners) listener(sessionId, reason);
  }

  async function read(): Promise<void> {
    const startedAt = Date.now();
    const found = await readChanges(db, horizon).catch((error: unknown) => {
      // After a failover the transaction ids may start lower.
      horizon = theBeginning;
      live.clear();
      throw error;
    });
    const deleted = new Set(found.deleted);
    for (const id of found.ids) end(id, deleted.has(id) ? 'account_deleted' : 'signed_out');
    if (found.ids.length >= mostEnds || startedAt - readAt > longestGapMs) {
      live.clear();
      for (const listener of listeners) listener(null, 'signed_out');
    }
    ({ horizon } = found);
    admins = new Set(found.admins);
    readAt = startedAt;
  }

  /** One read at a time; concurrent callers share it. */
  function refresh(): Promise<void> {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  }

  async function lookUp(sessionId: string, userId: number): Promise<boolean> {
    const found = await readLiveSession(db, sessionId);
    // It may have ended after the query's snapshot.
    if (found === null || ended.has(sessionId)) {
      end(sessionId, 'signed_out');
      return false;
    }
    live.set(sessionId, { userId: found.userId, untilMs: Date.now() + found.endsInMs });
    return found.userId === userId;
  }

  /** Concurrent requests of one session share one query. */
  function isKnownLive({ sessionId, userId }: SessionOwner): Promise<boolean> | boolean {
    if (ended.has(sessionId)) return false;
    const known = live.get(sessionId);
    if (known !== undefined && known.untilMs > Date.now()) return known.userId === userId;
    const key = `${sessionId} ${userId}`;
    const lookup = lookups.get(key) ?? lookUp(sessionId, userId).finally(() => lookups.delete(key));
    lookups.set(key, lookup);
    return lookup;
  }

  const isFresh = () => Date.now() < readAt + trustForMs;
  const roleNow = (userId: number): Role => (admins.has(userId) ? 'admin' : 'user');

  await refresh();
  const timer = setInterval(
    () => void refresh().catch((error: unknown) => log.debug({ err: error }, 'cannot read which sessions have ended')),
    pollEveryMs,
  );

  return {
    isLive(owner) {
      return isFresh() ? isKnownLive(owner) : refresh().then(() => isKnownLive(owner));
    },
    roleOf(userId) {
      return isFresh() ? roleNow(userId) : refresh().then(() => roleNow(userId));
    },
    end,
    onEnded(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await reading?.catch(() => {});
    },
  };
}
