/** Ended sessions, known to every process within a second without a database trip a request. */
import type { Logger } from 'pino';
import type { Database } from '../ports/database.ts';
import { readRevokedSince } from './store.ts';

export interface Revocations extends AsyncDisposable {
  /** True when the session has ended. Rejects when that cannot be known because the database is away. */
  isRevoked(sessionId: string): Promise<boolean> | boolean;
  /** Takes effect in this process at once. */
  add(sessionId: string): void;
  /** Calls `listener` for each session this process learns has ended; gives the way to stop. */
  onRevoked(listener: (sessionId: string) => void): () => void;
}

const pollEveryMs = 400;
/** Older knowledge than this is not trusted. */
const trustForMs = 900;
/** Each poll looks back further than the last, for transactions that were slow to commit. */
const overlapSeconds = 30;
/** After a longer gap (a frozen process, a database that was away) what was missed may lie further back than that. */
const longestGapMs = 5_000;

/** Starts polling; the first read, and one after a gap, covers all tokens that could still be alive. */
export async function watchRevocations(db: Database, tokenLifeSeconds: number, log: Logger): Promise<Revocations> {
  /** When each was learned, oldest first. */
  const revoked = new Map<string, number>();
  const listeners = new Set<(sessionId: string) => void>();
  let readAt = 0;
  let refreshing: Promise<void> | null = null;

  function add(sessionId: string): void {
    if (revoked.has(sessionId)) return;
    revoked.set(sessionId, Date.now());
    for (const listener of listeners) listener(sessionId);
  }

  async function read(): Promise<void> {
    const startedAt = Date.now();
    const seconds = startedAt - readAt > longestGapMs ? tokenLifeSeconds : overlapSeconds;
    for (const id of await readRevokedSince(db, seconds)) add(id);
    readAt = startedAt;
    forgetExpired();
  }

  /** Tokens of sessions that ended this long ago have expired by themselves. */
  function forgetExpired(): void {
    for (const [id, learnedAt] of revoked) {
      if (learnedAt > Date.now() - (tokenLifeSeconds + overlapSeconds) * 1000) return;
      revoked.delete(id);
    }
  }

  /** One read at a time; whoever asks meanwhile waits for it. */
  function refresh(): Promise<void> {
    refreshing ??= read().finally(() => {
      refreshing = null;
    });
    return refreshing;
  }

  await refresh();
  const timer = setInterval(
    () => void refresh().catch((error: unknown) => log.debug({ err: error }, 'cannot read revocations')),
    pollEveryMs,
  );

  return {
    isRevoked(sessionId) {
      if (revoked.has(sessionId)) return true;
      if (Date.now() < readAt + trustForMs) return false;
      return refresh().then(() => revoked.has(sessionId));
    },
    add,
    onRevoked(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await refreshing?.catch(() => {});
    },
  };
}
