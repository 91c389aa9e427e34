/** Sweeps: replies of dead workers go back into the queue, overdue ones fail, stopped ones end. */
import { every } from './every.ts';
import { presentMessage } from '../messages/present.ts';
import { failureOf } from './failure.ts';
import { announceFailure, type AnnounceDeps } from './settle.ts';
import {
  buryDeadWorkers,
  cancelOrphans,
  cancelUnheld,
  failOrphans,
  failOverdueReplies,
  takeBackOrphans,
  takeBackUnheld,
  type EndedReply,
  type Orphan,
} from './rescue-store.ts';

export interface RescueDeps extends AnnounceDeps {
  /** Failed replies of an account and day whose charge comes back; 0 = all. */
  readonly refundsDaily: number;
  /** How long a reply may wait until a worker begins it; 0 = for ever. */
  readonly queueMs: number;
}

/** Fails what is out of time. Needs no worker: without any, nobody would tell people that no answer will come. */
async function failOverdue(deps: RescueDeps): Promise<void> {
  const overdue = await failOverdueReplies(deps.db, failureOf('timed_out'), deps);
  for (const row of overdue) await announceFailure(deps, row.userId, row.roomId, row);
  if (overdue.length > 0) deps.log.warn({ replies: overdue.length }, 'failed replies past their deadline');
}

const sweepWithoutWorkersMs = 10_000;

/** For processes without a worker, which sweep more seldom. */
export function sweepOverdue(deps: RescueDeps): AsyncDisposable {
  return every(sweepWithoutWorkersMs, 'overdue replies', deps.log, () => failOverdue(deps));
}

/** One sweep. `takeOver` is false while this process cannot tell dead workers from a database that was away. */
export async function rescueReplies(deps: RescueDeps, takeOver: boolean): Promise<void> {
  const { db, log } = deps;
  await failOverdue(deps);
  if (!takeOver) return;
  for (const row of await failOrphans(db, failureOf('internal_error'), deps.refundsDaily)) {
    log.error({ reply_id: row.id }, 'failed a reply whose workers died');
    await announceFailure(deps, row.userId, row.roomId, row);
  }
  const orphans = await takeBackOrphans(db);
  announceResets(deps, orphans);
  if (orphans.length > 0) log.warn({ replies: orphans.length }, 'took back replies of a dead worker');
  for (const row of await cancelOrphans(db)) announceEnd(deps, row);
  for (const row of await buryDeadWorkers(db)) announceEnd(deps, row);
}

/**
 * Takes up again what this worker is marked to generate and does not: its outcome could not be written in time, or the
 * answer to the claim was lost. No claim of this worker may be under way meanwhile.
 */
export async function rescueUnheld(deps: AnnounceDeps, workerId: string, heldIds: readonly number[]): Promise<void> {
  const cancelled = await cancelUnheld(deps.db, workerId, heldIds);
  for (const row of cancelled) announceEnd(deps, row);
  const queued = await takeBackUnheld(deps.db, workerId, heldIds);
  announceResets(deps, queued);
  const replies = cancelled.length + queued.length;
  if (replies > 0) deps.log.warn({ replies }, 'took back replies that this worker had lost hold of');
}

function announceResets({ feed }: AnnounceDeps, rows: readonly Orphan[]): void {
  for (const { id, roomId, userId, epoch } of rows) {
    feed.publish(userId, [{ type: 'reply.reset', chatroom_id: roomId, message_id: id, attempt: epoch }]);
  }
}

const endEvents = { complete: 'reply.completed', failed: 'reply.failed', cancelled: 'reply.cancelled' } as const;

/** Tells the devices how a reply ended. Telling twice does no harm. */
export function announceEnd({ feed }: Pick<AnnounceDeps, 'feed'>, row: EndedReply): void {
  if (row.status === 'queued' || row.status === 'generating') return;
  const message = presentMessage(row);
  feed.publish(row.userId, [{ type: endEvents[row.status], chatroom_id: row.roomId, message_id: row.id, message }]);
}
