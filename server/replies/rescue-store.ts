/** SQL for replies without a live worker, past their deadline, or cancelled. */
import { messageColumns, type MessageRow } from '../messages/store.ts';
import type { Connection, Statement } from '../ports/database.ts';
import { estimatedCte, lostColumns } from '../plans/ledger-store.ts';
import { refundCtes } from '../plans/store.ts';
import { mostAttempts } from './backoff.ts';
import { modelOf, mostDeaths } from './claim-store.ts';
import type { Failure } from './failure.ts';
import { failedSets, leaseSeconds } from './store.ts';

export interface Orphan {
  readonly id: number;
  readonly roomId: number;
  readonly userId: number;
  readonly epoch: number;
}

export type EndedReply = MessageRow & { readonly roomId: number; readonly userId: number };

const endedColumns = `${messageColumns('m', 'r')}, r.chatroom_id as "roomId", r.user_id as "userId"`;
const orphaned = `r.status = 'generating' and not exists (
  select from workers w where w.id = r.worker_id and w.seen_at > now() - interval '${leaseSeconds} seconds'
)`;

/** It may be the cause of its workers' deaths, or has used all its attempts. */
const givenUp = `(r.deaths >= ${mostDeaths - 1} or r.attempts >= ${mostAttempts})`;

const takeBack: Statement<Orphan> = {
  name: 'rescue_take_back',
  text: `with held as (
      select ${lostColumns} from replies r
      where ${orphaned} and not r.cancel_requested and not ${givenUp} order by r.message_id for update
    ), ${estimatedCte({ from: 'held', prices: '$1' })}
    update replies r set status = 'queued', text = null, worker_id = null, next_attempt_at = now(),
      deaths = r.deaths + 1
    from held where r.message_id = held.id
    returning r.message_id as id, r.chatroom_id as "roomId", r.user_id as "userId", r.epoch`,
};

/** Requeues replies of workers whose lease expired. */
export function takeBackOrphans(db: Connection, prices: string): Promise<Orphan[]> {
  return db.run(takeBack, [prices]);
}

/** Values: code, both texts, refunds per day, prices. Rows are locked in order, so that two sweeps cannot deadlock. */
function failWhere(name: string, where: string, more = ''): Statement<EndedReply> {
  return {
    name,
    text: `with held as (
      select ${lostColumns}, r.charged_on from replies r where ${where} order by r.message_id for update
    ), ${refundCtes({ from: 'held', limit: '$4' })}, ${estimatedCte({ from: 'held', prices: '$5' })}
    update replies r set ${failedSets({ code: '$1', refunded: '$2', charged: '$3' })} ${more}
    from held join messages m on m.id = held.id left join refunded on refunded.id = held.id
    where r.message_id = held.id returning ${endedColumns}`,
  };
}

const failOrphaned = failWhere(
  'rescue_fail_orphaned',
  `${orphaned} and not r.cancel_requested and ${givenUp}`,
  ', deaths = r.deaths + 1',
);

/** Fails orphans that reached `mostDeaths` or `mostAttempts`, and refunds them. */
export function failOrphans(db: Connection, end: Failure, refundsDaily: number, prices: string): Promise<EndedReply[]> {
  return db.run(failOrphaned, [end.code, end.refunded, end.charged, refundsDaily, prices]);
}

/**
 * Ends cancelled replies with the text of their last checkpoint. Messages are locked before their replies, in the order of a
 * room's deletion; locked ones are left to the next sweep.
 */
function cancelWhere(name: string, where: string, prices: string): Statement<EndedReply> {
  return {
    name,
    text: `with message as materialized (
      select m.id from messages m join replies r on r.message_id = m.id where ${where} and r.cancel_requested
      for no key update of m skip locked
    ), held as materialized (
      select ${lostColumns} from replies r join message on message.id = r.message_id
      where ${where} and r.cancel_requested for update of r
    ), ${estimatedCte({ from: 'held', prices })}, r as (
      update replies r set status = 'cancelled', text = null, finished_at = now() from held
      where r.message_id = held.id returning r.*
    )
    update messages m set content = coalesce(held.text, '') from held join r on r.message_id = held.id
    where m.id = held.id returning ${endedColumns}`,
  };
}

const cancelOrphaned = cancelWhere('rescue_cancel', orphaned, '$1');

/** Ends replies whose worker died after they were cancelled; the last checkpoint is kept. */
export function cancelOrphans(db: Connection, prices: string): Promise<EndedReply[]> {
  return db.run(cancelOrphaned, [prices]);
}

const unheld = `r.status = 'generating' and r.worker_id = $1 and r.message_id <> all ($2::bigint[])`;

const takeUnheld: Statement<Orphan> = {
  name: 'rescue_take_unheld',
  // The model may or may not have been called; one attempt is left either way.
  text: `with held as (
      select ${lostColumns} from replies r where ${unheld} and not r.cancel_requested order by r.message_id for update
    ), ${estimatedCte({ from: 'held', prices: '$3' })}
    update replies r set status = 'queued', text = null, worker_id = null, next_attempt_at = now(),
      attempts = least(r.attempts, ${mostAttempts - 1})
    from held where r.message_id = held.id
    returning r.message_id as id, r.chatroom_id as "roomId", r.user_id as "userId", r.epoch`,
};

/** Requeues a worker's replies, except those it runs and cancelled ones. */
export function takeBackUnheld(
  db: Connection,
  workerId: string,
  heldIds: readonly number[],
  prices: string,
): Promise<Orphan[]> {
  return db.run(takeUnheld, [workerId, heldIds, prices]);
}

const cancelUnheldOnes = cancelWhere('rescue_cancel_unheld', unheld, '$3');

/** Ends a worker's cancelled replies, except those it runs; the last checkpoint is kept. */
export function cancelUnheld(
  db: Connection,
  workerId: string,
  heldIds: readonly number[],
  prices: string,
): Promise<EndedReply[]> {
  return db.run(cancelUnheldOnes, [workerId, heldIds, prices]);
}

/** A live worker ends its replies at the deadline; one that has not after this many seconds is stuck. */
const graceSeconds = 5;

/** The deadline is set by the first claim; `$6` is how long a reply may wait for it, in ms, 0 = without limit. */
const neverBegun = `r.deadline_at is null and $6::float8 > 0
  and r.next_attempt_at < now() - make_interval(secs => $6::float8 / 1000)`;

const failOverdue = failWhere(
  'rescue_fail_overdue',
  `(r.status = 'queued' and (r.deadline_at < now() or (${neverBegun})))
        or (r.status = 'generating' and r.deadline_at < now() - interval '${graceSeconds} seconds')`,
);

/** Fails replies past their deadline or the time to wait for a worker, and refunds them. */
export function failOverdueReplies(
  db: Connection,
  end: Failure,
  { refundsDaily, queueMs }: { refundsDaily: number; queueMs: number },
  prices: string,
): Promise<EndedReply[]> {
  return db.run(failOverdue, [end.code, end.refunded, end.charged, refundsDaily, prices, queueMs]);
}

const failMissing = failWhere(
  'rescue_fail_missing',
  `r.status = 'queued' and exists (select from model_pauses where model = ${modelOf('$6')} and missing_since is not null)`,
);

/** Fails and refunds replies queued for one of `models` that the vendor does not know; the default model comes first. */
export function failMissingReplies(
  db: Connection,
  end: Failure,
  refundsDaily: number,
  models: readonly string[],
): Promise<EndedReply[]> {
  // None of them was being generated, so that no price is needed.
  return db.run(failMissing, [end.code, end.refunded, end.charged, refundsDaily, '{}', models]);
}

const requestCancel: Statement<EndedReply> = {
  name: 'reply_cancel',
  text: `update replies r set
      cancel_requested = true,
      status = case when r.status = 'queued' then 'cancelled' else r.status end
    from messages m join chatrooms c on c.id = m.chatroom_id
    where r.message_id = $3 and m.id = r.message_id and c.id = $2 and c.user_id = $1
      and r.status in ('queued', 'generating')
    returning ${endedColumns}`,
};

/** Ends a queued reply, or requests the cancellation of a running one; null if there is no such unfinished reply. */
export async function requestReplyCancel(
  db: Connection,
  userId: number,
  roomId: number,
  id: number,
): Promise<EndedReply | null> {
  const rows = await db.run(requestCancel, [userId, roomId, id]);
  return rows[0] ?? null;
}

/** A reply finished this long before its worker's last heartbeat is assumed announced. */
const announcedSeconds = 5;

const removeDead: Statement<EndedReply> = {
  name: 'rescue_remove_dead',
  text: `with dead as (
      delete from workers where seen_at < now() - interval '${leaseSeconds} seconds' and not exists (
        select from replies r where r.worker_id = workers.id and r.status = 'generating'
      ) returning id, seen_at
    )
    select ${endedColumns} from replies r join dead on dead.id = r.worker_id join messages m on m.id = r.message_id
    where r.finished_at > dead.seen_at - interval '${announcedSeconds} seconds'
      and r.finished_at > now() - interval '1 hour' and r.status in ('complete', 'failed', 'cancelled')`,
};

/**
 * Removes dead workers without replies in progress, and returns the replies they finished last: they may have died before
 * announcing them.
 */
export function removeDeadWorkers(db: Connection): Promise<EndedReply[]> {
  return db.run(removeDead, []);
}
