/** Rescue: requeues replies of dead workers, fails overdue ones, ends cancelled ones. */
import { forgetRoomList } from '../chatrooms/room-list.ts';
import { every } from './every.ts';
import { presentMessage } from '../messages/present.ts';
import { pricesValue } from '../plans/ledger-store.ts';
import { failureOf } from './failure.ts';
import { announceFailure, type AnnounceDeps } from './settle.ts';
import {
  cancelOrphans,
  cancelUnheld,
  failOrphans,
  failOverdueReplies,
  removeDeadWorkers,
  takeBackOrphans,
  takeBackUnheld,
  type EndedReply,
  type Orphan,
} from './rescue-store.ts';

export interface RescueDeps extends AnnounceDeps {
  /** Refunds per account and day; 0 = no limit. */
  readonly refundsDaily: number;
  /** How long a reply may wait for a worker; 0 = no limit. */
  readonly queueMs: number;
}

/** Fails overdue replies. Also runs in processes without a worker, so that replies fail even if no worker is alive. */
async function failOverdue(deps: RescueDeps): Promise<void> {
  const overdue = await failOverdueReplies(deps.db, failureOf('timed_out'), deps, pricesValue(deps.catalog.models));
  for (const row of overdue) await announceFailure(deps, row.userId, row.roomId, row);
  if (overdue.length > 0) deps.log.warn({ replies: overdue.length }, 'failed replies past their deadline');
}

const sweepWithoutWorkersMs = 10_000;

/** For processes without a worker, at a longer interval. */
export function sweepOverdue(deps: RescueDeps): AsyncDisposable {
  return every(sweepWithoutWorkersMs, 'overdue replies', deps.log, () => failOverdue(deps));
}

/** One sweep. `takeOver` is false while this process cannot distinguish dead workers from a database outage. */
export async function rescueReplies(deps: RescueDeps, takeOver: boolean): Promise<void> {
  const { db, log } = deps;
  await failOverdue(deps);
  if (!takeOver) return;
  const prices = pricesValue(deps.catalog.models);
  for (const row of await failOrphans(db, failureOf('internal_error'), deps.refundsDaily, prices)) {
    log.error({ reply_id: row.id }, 'failed a reply whose workers died');
    await announceFailure(deps, row.userId, row.roomId, row);
  }
  const orphans = await takeBackOrphans(db, prices);
  announceResets(deps, orphans);
  if (orphans.length > 0) log.warn({ replies: orphans.length }, 'requeued replies of a dead worker');
  for (const row of await cancelOrphans(db, prices)) announceEnd(deps, row);
  for (const row of await removeDeadWorkers(db)) announceEnd(deps, row);
}

/**
 * Requeues replies that this worker has claimed but does not run: their outcome could not be written in time, or the answer to
 * the claim was lost. No claim of this worker may be in progress meanwhile.
 */
export async function rescueUnheld(deps: AnnounceDeps, workerId: string, heldIds: readonly number[]): Promise<void> {
  const prices = pricesValue(deps.catalog.models);
  const cancelled = await cancelUnheld(deps.db, workerId, heldIds, prices);
  for (const row of cancelled) announceEnd(deps, row);
  const queued = await takeBackUnheld(deps.db, workerId, heldIds, prices);
  announceResets(deps, queued);
  const replies = cancelled.length + queued.length;
  if (replies > 0) deps.log.warn({ replies }, 'requeued replies that this worker did not run');
}

function announceResets({ feed }: AnnounceDeps, rows: readonly Orphan[]): void {
  for (const { id, roomId, userId, epoch } of rows) {
    feed.publish(userId, [{ type: 'reply.reset', chatroom_id: roomId, message_id: id, attempt: epoch }]);
  }
}

const endEvents = { complete: 'reply.completed', failed: 'reply.failed', cancelled: 'reply.cancelled' } as const;

/** Announces the end of a reply to the account's devices; idempotent for clients. */
export function announceEnd({ cache, feed }: Pick<AnnounceDeps, 'cache' | 'feed'>, row: EndedReply): void {
  if (row.status === 'queued' || row.status === 'generating') return;
  const message = presentMessage(row);
  void forgetRoomList(cache, row.userId);
  feed.publish(row.userId, [{ type: endEvents[row.status], chatroom_id: row.roomId, message_id: row.id, message }]);
}
