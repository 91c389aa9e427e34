/**
 * Which sessions are live: a session is looked up when this process first meets it and remembered, and what ends
 * anywhere is known here within a second, so that sign-in costs no database trip a request.
 */
import type { Logger } from 'pino';
import { LRUCache } from 'lru-cache';
import type { Database } from '../ports/database.ts';
import { mostEnds, readEndedSessions, readLiveSession } from './session-store.ts';

export interface SessionOwner {
  readonly userId: number;
  readonly sessionId: string;
}

export interface LiveSessions extends AsyncDisposable {
  /** True while this session of this user lives. Rejects when that cannot be known because the database is away. */
  isLive(owner: SessionOwner): Promise<boolean> | boolean;
  /** Takes effect in this process at once. */
  end(sessionId: string): void;
  /**
   * Calls `listener` for each session this process learns has ended, and with null when any may have: more ended than
   * one read names, or this process was asleep for longer than ends are kept. Returns the function that stops it.
   */
  onEnded(listener: (sessionId: string | null) => void): () => void;
}

const pollEveryMs = 400;
/** Older knowledge than this is not trusted. */
const trustForMs = 900;
/** Housekeeping keeps ends for an hour; half of it leaves room for clocks that disagree. */
const longestGapMs = 30 * 60_000;
/** 150 bytes each. One that is forgotten is looked up again. */
const remembered = 50_000;
/** Before every transaction there is. */
const theBeginning = 0;

/** Starts polling for ends. */
export async function watchSessions(db: Database, log: Logger): Promise<LiveSessions> {
  const live = new LRUCache<string, { readonly userId: number; readonly untilMs: number }>({ max: remembered });
  /** No session comes back to life, so these are never wrong. */
  const ended = new LRUCache<string, true>({ max: remembered });
  const lookups = new Map<string, Promise<boolean>>();
  const listeners = new Set<(sessionId: string | null) => void>();
  let horizon = theBeginning;
  let readAt = Date.now();
  let reading: Promise<void> | null = null;

  function end(sessionId: string): void {
    if (ended.has(sessionId)) return;
    ended.set(sessionId, true);
    live.delete(sessionId);
    for (const listener of listeners) listener(sessionId);
  }

  async function read(): Promise<void> {
    const startedAt = Date.now();
    const found = await readEndedSessions(db, horizon).catch((error: unknown) => {
      // The database may come back as another server, which counts its transactions anew.
      horizon = theBeginning;
      live.clear();
      throw error;
    });
    for (const id of found.ids) end(id);
    if (found.ids.length >= mostEnds || startedAt - readAt > longestGapMs) {
      live.clear();
      for (const listener of listeners) listener(null);
    }
    ({ horizon } = found);
    readAt = startedAt;
  }

  /** One read at a time; whoever asks meanwhile waits for it. */
  function refresh(): Promise<void> {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  }

  async function lookUp(sessionId: string, userId: number): Promise<boolean> {
    const found = await readLiveSession(db, sessionId);
    // It may have ended after the database looked.
    if (found === null || ended.has(sessionId)) {
      end(sessionId);
      return false;
    }
    live.set(sessionId, { userId: found.userId, untilMs: Date.now() + found.endsInMs });
    return found.userId === userId;
  }

  /** One lookup of a session at a time, however many requests it sends at once. */
  function isKnownLive({ sessionId, userId }: SessionOwner): Promise<boolean> | boolean {
    if (ended.has(sessionId)) return false;
    const known = live.get(sessionId);
    if (known !== undefined && known.untilMs > Date.now()) return known.userId === userId;
    const key = `${sessionId} ${userId}`;
    const lookup = lookups.get(key) ?? lookUp(sessionId, userId).finally(() => lookups.delete(key));
    lookups.set(key, lookup);
    return lookup;
  }

  await refresh();
  const timer = setInterval(
    () => void refresh().catch((error: unknown) => log.debug({ err: error }, 'cannot read which sessions have ended')),
    pollEveryMs,
  );

  return {
    isLive(owner) {
      if (Date.now() < readAt + trustForMs) return isKnownLive(owner);
      return refresh().then(() => isKnownLive(owner));
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
