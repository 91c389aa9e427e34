/** Sweeps: replies of dead workers go back into the queue, overdue ones fail, stopped ones end. */
import { presentMessage } from '../messages/present.ts';
import { announceFailure, type GenerateDeps } from './generate.ts';
import { failureOf } from './failure.ts';
import {
  buryDeadWorkers,
  cancelOrphans,
  failOrphans,
  failOverdueReplies,
  takeBackOrphans,
  type EndedReply,
} from './rescue-store.ts';

export type RescueDeps = Pick<GenerateDeps, 'db' | 'feed' | 'log' | 'basicDailyLimit' | 'refundsDaily'>;

/** One sweep. `takeOver` is false while this process cannot tell dead workers from a database that was away. */
export async function rescueReplies(deps: RescueDeps, takeOver: boolean): Promise<void> {
  const { db, log } = deps;
  const overdue = await failOverdueReplies(db, failureOf('timed_out'), deps.refundsDaily);
  for (const row of overdue) await announceFailure(deps, row.userId, row.roomId, row);
  if (overdue.length > 0) log.warn({ replies: overdue.length }, 'failed replies past their deadline');
  if (!takeOver) return;
  for (const row of await failOrphans(db, failureOf('internal_error'), deps.refundsDaily)) {
    log.error({ reply_id: row.id }, 'failed a reply whose workers died');
    await announceFailure(deps, row.userId, row.roomId, row);
  }
  const orphans = await takeBackOrphans(db);
  for (const { id, roomId, userId, epoch } of orphans) {
    deps.feed.publish(userId, [{ type: 'reply.reset', chatroom_id: roomId, message_id: id, attempt: epoch }]);
  }
  if (orphans.length > 0) log.warn({ replies: orphans.length }, 'took back replies of a dead worker');
  for (const row of await cancelOrphans(db)) announceEnd(deps, row);
  for (const row of await buryDeadWorkers(db)) announceEnd(deps, row);
}

const endEvents = { complete: 'reply.completed', failed: 'reply.failed', cancelled: 'reply.cancelled' } as const;

/** Tells the devices how a reply ended. Telling twice does no harm. */
export function announceEnd({ feed }: Pick<RescueDeps, 'feed'>, row: EndedReply): void {
  if (row.status === 'queued' || row.status === 'generating') return;
  const message = presentMessage(row);
  feed.publish(row.userId, [{ type: endEvents[row.status], chatroom_id: row.roomId, message_id: row.id, message }]);
}
