/** Settles an attempt: writes its outcome once, also through a database outage. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { FailureCode } from '../../contract/messages.ts';
import { forgetRoomList } from '../chatrooms/room-list.ts';
import type { Catalog, Plans } from '../config/catalog.ts';
import type { JobKind, Jobs } from '../jobs/job.ts';
import { presentMessage } from '../messages/present.ts';
import type { MessageRow } from '../messages/store.ts';
import type { Cache } from '../ports/cache.ts';
import { DatabaseUnavailable, type Connection, type Database } from '../ports/database.ts';
import type { Feed } from '../ports/feed.ts';
import { quotaChanged, quotaOf } from '../plans/quota.ts';
import type { UsageEntry } from '../plans/ledger-store.ts';
import { readUsage } from '../plans/store.ts';
import { failureOf } from './failure.ts';
import type { ReplyMeter, Settlement } from './meter.ts';
import type { Run, StopReason } from './reply-run.ts';
import { failReply, finishReply, releaseReply, type Ownership, type ReplyEnd } from './store.ts';

export interface AnnounceDeps {
  readonly db: Database;
  /** The list of rooms counts what is unread. */
  readonly cache: Cache;
  readonly feed: Feed;
  readonly log: Logger;
  readonly plans: Plans;
  /** For the prices of models. */
  readonly catalog: Pick<Catalog, 'models'>;
}

export interface SettleDeps extends AnnounceDeps {
  readonly jobs: Jobs;
  readonly workerId: string;
  /** Refunds per account and day; 0 = no limit. */
  readonly refundsDaily: number;
  /** How long writing an outcome is retried while the database is unavailable. */
  readonly writeWindowMs: number;
  readonly meter: ReplyMeter;
}

/** The outcome of an attempt; each kind is settled in exactly one way. */
export type Outcome =
  | ({
      readonly kind: 'finished';
      /** Jobs that its end makes due. */
      readonly next: readonly AfterReply[];
    } & Omit<ReplyEnd, 'content' | 'entry'>)
  | { readonly kind: 'failed'; readonly code: FailureCode }
  | { readonly kind: 'again'; readonly delayMs: number; readonly counted: boolean }
  | { readonly kind: 'lost' };

export const outcomeOfStop = {
  cancelled: { kind: 'finished', status: 'cancelled', truncated: false, next: [] },
  lost: { kind: 'lost' },
  deadline: { kind: 'failed', code: 'timed_out' },
  shutdown: { kind: 'again', delayMs: 0, counted: false },
} as const satisfies Readonly<Record<StopReason, Outcome>>;

/**
 * Writes the outcome and announces it; only the owner of the current epoch does either. Throws if the database refuses the
 * write, because a retry would be refused too.
 */
export async function settle(deps: SettleDeps, run: Run, outcome: Outcome): Promise<Settlement> {
  const settlement = await write(deps, run, outcome);
  const entry = settlement === 'lost' ? null : entryOf(run);
  if (entry !== null) deps.meter.called(entry);
  return settlement;
}

/** The call of this attempt; null if none was made, or the vendor refused it. */
const entryOf = ({ call, text }: Run): UsageEntry | null => call?.entry(text) ?? null;

async function write(deps: SettleDeps, run: Run, outcome: Outcome): Promise<Settlement> {
  if (outcome.kind === 'lost') return 'lost';
  const { db, workerId } = deps;
  const { id, epoch, roomId, userId } = run.claim;
  const owner: Ownership = { id, epoch, workerId };
  const entry = entryOf(run);

  if (outcome.kind === 'again') {
    const released = await persistently(deps, run, () => releaseReply(db, owner, outcome, entry));
    if (released === null) return 'lost';
    // Cancelled meanwhile, or taken over; the next write distinguishes them.
    if (!released) return write(deps, run, outcomeOfStop.cancelled);
    run.publish({ type: 'reply.reset', chatroom_id: roomId, message_id: id, attempt: epoch });
    return 'again';
  }
  if (outcome.kind === 'failed') {
    const failure = failureOf(outcome.code);
    const row = await persistently(deps, run, () => failReply(db, owner, failure, deps.refundsDaily, entry));
    if (row) await announceFailure(deps, userId, roomId, row);
    return row ? 'failed' : 'lost';
  }
  const row = await persistently(deps, run, () => finish(deps, run, outcome));
  if (!row) return 'lost';
  await forgetRoomList(deps.cache, userId);
  const type = outcome.status === 'complete' ? 'reply.completed' : 'reply.cancelled';
  run.publish({ type, chatroom_id: roomId, message_id: id, message: presentMessage(row) });
  return outcome.status;
}

/** A kind of job about a reply that was finished. */
export type AfterReply = JobKind<{ readonly roomId: number; readonly replyId: number }>;

/** Writes the end and, if this worker still owned the reply, the jobs it makes due; without them if they cannot be sent. */
async function finish(
  { db, jobs, log, workerId }: SettleDeps,
  run: Run,
  { next, ...end }: Extract<Outcome, { kind: 'finished' }>,
): Promise<MessageRow | null> {
  const { id, epoch, roomId } = run.claim;
  const whole = { ...end, content: run.text, entry: entryOf(run) };
  const write = (connection: Connection) => finishReply(connection, { id, epoch, workerId }, whole);
  if (next.length === 0) return write(db);
  try {
    return await jobs.transaction(next, async (tx, send) => {
      const row = await write(tx);
      for (const kind of row === null ? [] : next) await send(kind, { roomId, replyId: id });
      return row;
    });
  } catch (error) {
    if (error instanceof DatabaseUnavailable) throw error;
    log.error({ reply_id: id, err: error }, 'could not send the jobs that follow a reply');
    return write(db);
  }
}

/** Announces a failed reply and the quota. */
export async function announceFailure(
  { db, cache, feed, log, plans }: AnnounceDeps,
  userId: number,
  roomId: number,
  row: MessageRow,
): Promise<void> {
  await forgetRoomList(cache, userId);
  feed.publish(userId, [
    { type: 'reply.failed', chatroom_id: roomId, message_id: row.id, message: presentMessage(row) },
  ]);
  try {
    const usage = await readUsage(db, userId);
    if (usage) feed.publish(userId, [quotaChanged(quotaOf(usage, usage.usedToday, plans))]);
  } catch (error) {
    log.warn({ err: error }, 'could not announce the quota');
  }
}

const writeEveryMs = 500;

/**
 * Retries a write through a database outage, so that generated text is not lost. Retries are safe because every write names the
 * epoch it expects. Null when the window is over; the sweep then requeues the reply.
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
        log.error({ reply_id: run.claim.id, err: error }, 'could not write the outcome of a reply');
        return null;
      }
      await pause(writeEveryMs);
    }
  }
}
