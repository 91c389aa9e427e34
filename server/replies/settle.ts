/** Writes down what an attempt came to, once, whatever the database does meanwhile. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { FailureCode } from '../../contract/messages.ts';
import { presentMessage } from '../messages/present.ts';
import type { MessageRow } from '../messages/store.ts';
import { DatabaseUnavailable, type Database } from '../ports/database.ts';
import type { Feed } from '../ports/feed.ts';
import { quotaChanged, quotaOf } from '../plans/quota.ts';
import { readUsage } from '../plans/store.ts';
import { failureOf } from './failure.ts';
import type { Settlement } from './meter.ts';
import type { Run, StopReason } from './run.ts';
import { failReply, finishReply, releaseReply, type Ownership } from './store.ts';

export interface AnnounceDeps {
  readonly db: Database;
  readonly feed: Feed;
  readonly log: Logger;
  readonly basicDailyLimit: number;
}

export interface SettleDeps extends AnnounceDeps {
  readonly workerId: string;
  /** Failed replies of an account and day whose charge comes back; 0 = all. */
  readonly refundsDaily: number;
  /** How long an outcome is tried to be written while the database is away. */
  readonly writeWindowMs: number;
}

/** What an attempt came to. Typed, not thrown: each has exactly one way to be written down. */
export type Outcome =
  | { readonly kind: 'finished'; readonly status: 'complete' | 'cancelled'; readonly truncated: boolean }
  | { readonly kind: 'failed'; readonly code: FailureCode }
  | { readonly kind: 'again'; readonly delayMs: number; readonly counted: boolean }
  | { readonly kind: 'lost' };

export const outcomeOfStop: Readonly<Record<StopReason, Outcome>> = {
  cancelled: { kind: 'finished', status: 'cancelled', truncated: false },
  lost: { kind: 'lost' },
  deadline: { kind: 'failed', code: 'timed_out' },
  shutdown: { kind: 'again', delayMs: 0, counted: false },
};

/**
 * Writes the outcome and tells the devices; only the owner of the current epoch gets to do either. Throws when the
 * database refuses the write itself, which no repetition would change.
 */
export async function settle(deps: SettleDeps, run: Run, outcome: Outcome): Promise<Settlement> {
  if (outcome.kind === 'lost') return 'lost';
  const { db, workerId } = deps;
  const { id, epoch, roomId, userId } = run.claim;
  const owner: Ownership = { id, epoch, workerId };

  if (outcome.kind === 'again') {
    const released = await persistently(deps, run, () => releaseReply(db, owner, outcome));
    if (released === null) return 'lost';
    // Asked to stop meanwhile, or taken over; the next write tells which.
    if (!released) return settle(deps, run, outcomeOfStop.cancelled);
    run.publish({ type: 'reply.reset', chatroom_id: roomId, message_id: id, attempt: epoch });
    return 'again';
  }
  if (outcome.kind === 'failed') {
    const failure = failureOf(outcome.code);
    const row = await persistently(deps, run, () => failReply(db, owner, failure, deps.refundsDaily));
    if (row) await announceFailure(deps, userId, roomId, row);
    return row ? 'failed' : 'lost';
  }
  const end = { status: outcome.status, content: run.text, truncated: outcome.truncated };
  const row = await persistently(deps, run, () => finishReply(db, owner, end));
  if (!row) return 'lost';
  const type = outcome.status === 'complete' ? 'reply.completed' : 'reply.cancelled';
  run.publish({ type, chatroom_id: roomId, message_id: id, message: presentMessage(row) });
  return outcome.status;
}

/** Tells the devices that a reply failed and what is left of the day. */
export async function announceFailure(
  { db, feed, log, basicDailyLimit }: AnnounceDeps,
  userId: number,
  roomId: number,
  row: MessageRow,
): Promise<void> {
  feed.publish(userId, [
    { type: 'reply.failed', chatroom_id: roomId, message_id: row.id, message: presentMessage(row) },
  ]);
  try {
    const usage = await readUsage(db, userId);
    if (usage) feed.publish(userId, [quotaChanged(quotaOf(usage, usage.usedToday, basicDailyLimit))]);
  } catch (error) {
    log.warn({ err: error }, 'the quota could not be told');
  }
}

const writeEveryMs = 500;

/**
 * Writes through a database outage: text that was paid for is not thrown away because the server restarts. Safe to
 * repeat, for every write names the epoch it expects. Resolves with null when the window is over; the sweep then takes
 * the reply up again.
 */
async function persistently<T>(
  { log, writeWindowMs }: SettleDeps,
  run: Run,
  write: () => Promise<T>,
): Promise<T | null> {
  const giveUpAt = Date.now() + writeWindowMs;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) throw error;
      if (Date.now() > giveUpAt || run.stopped === 'shutdown') {
        log.error({ reply_id: run.claim.id, err: error }, 'the outcome of a reply could not be written');
        return null;
      }
      await pause(writeEveryMs);
    }
  }
}
