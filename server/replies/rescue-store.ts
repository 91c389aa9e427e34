/** SQL for replies that nobody looks after: of dead workers, past their deadline, or asked to stop. */
import { messageColumns, type MessageRow } from '../messages/store.ts';
import type { Connection, Statement } from '../ports/database.ts';
import { refundCtes } from '../quotas/store.ts';
import { mostAttempts } from './backoff.ts';
import { mostDeaths } from './claim-store.ts';
import type { Failure } from './failure.ts';
import { failedSets, leaseSeconds } from './store.ts';

export interface Orphan {
  readonly id: number;
  readonly roomId: number;
  readonly userId: number;
  readonly epoch: number;
}

export type EndedReply = MessageRow & { readonly roomId: number; readonly userId: number };

const endedColumns = `${messageColumns}, m.chatroom_id as "roomId", m.user_id as "userId"`;
const deserted = `m.status = 'generating' and not exists (
  select from workers w where w.id = m.worker_id and w.seen_at > now() - interval '${leaseSeconds} seconds'
)`;

/** It may be what its workers die of, or it has called the model as often as it may. */
const givenUp = `(m.deaths >= ${mostDeaths - 1} or m.attempts >= ${mostAttempts})`;

const takeBack: Statement<Orphan> = {
  name: 'rescue_take_back',
  text: `update messages m set status = 'queued', content = '', worker_id = null, next_attempt_at = now(),
      deaths = m.deaths + 1
    where ${deserted} and not m.cancel_requested and not ${givenUp}
    returning m.id, m.chatroom_id as "roomId", m.user_id as "userId", m.epoch`,
};

/** Puts replies of workers whose lease ran out back into the queue. */
export function takeBackOrphans(db: Connection): Promise<Orphan[]> {
  return db.run(takeBack, []);
}

/** Values: code, both texts, refunds a day. Rows are locked in one order, so that two sweeps cannot block each other. */
function failWhere(name: string, where: string, more = ''): Statement<EndedReply> {
  return {
    name,
    text: `with held as (
      select m.id, m.user_id, m.charged_on from messages m where ${where} order by m.id for update
    ), ${refundCtes({ from: 'held', limit: '$4' })}
    update messages m set ${failedSets({ code: '$1', refunded: '$2', charged: '$3' })} ${more}
    from held left join refunded on refunded.id = held.id where m.id = held.id returning ${endedColumns}`,
  };
}

const failDeserted = failWhere(
  'rescue_fail_deserted',
  `${deserted} and not m.cancel_requested and ${givenUp}`,
  ', deaths = m.deaths + 1',
);

/** Fails replies whose worker died once too often, and gives their charge back. */
export function failOrphans(db: Connection, end: Failure, refundsDaily: number): Promise<EndedReply[]> {
  return db.run(failDeserted, [end.code, end.refunded, end.charged, refundsDaily]);
}

const cancelDeserted: Statement<EndedReply> = {
  name: 'rescue_cancel',
  text: `update messages m set status = 'cancelled', finished_at = now() where ${deserted} and m.cancel_requested
    returning ${endedColumns}`,
};

/** Ends replies whose worker died after they were asked to stop; the last checkpoint is kept. */
export function cancelOrphans(db: Connection): Promise<EndedReply[]> {
  return db.run(cancelDeserted, []);
}

const takeUnheld: Statement<EndedReply> = {
  name: 'rescue_take_unheld',
  // Whether the model was called is not known; one call is left either way.
  text: `update messages m set next_attempt_at = now(), attempts = least(m.attempts, ${mostAttempts - 1}),
      status = case when m.cancel_requested then 'cancelled' else 'queued' end,
      content = case when m.cancel_requested then m.content else '' end,
      finished_at = case when m.cancel_requested then now() end,
      worker_id = case when m.cancel_requested then m.worker_id end
    where m.status = 'generating' and m.worker_id = $1 and m.id <> all ($2::bigint[])
    returning ${endedColumns}`,
};

/** Puts a worker's replies back into the queue, or ends those that were to stop, except the ones it holds. */
export function takeBackUnheld(db: Connection, workerId: string, heldIds: readonly number[]): Promise<EndedReply[]> {
  return db.run(takeUnheld, [workerId, heldIds]);
}

/** A live worker ends its own replies at the deadline; this many seconds later it must be stuck. */
const graceSeconds = 5;

/** The deadline begins with the first claim; `$5` is how long a reply may wait for that, in ms, 0 = for ever. */
const neverBegun = `m.deadline_at is null and $5::float8 > 0
  and m.created_at < now() - make_interval(secs => $5::float8 / 1000)`;

const failOverdue = failWhere(
  'rescue_fail_overdue',
  `(m.status = 'queued' and (m.deadline_at < now() or (${neverBegun})))
        or (m.status = 'generating' and m.deadline_at < now() - interval '${graceSeconds} seconds')`,
);

/** Fails replies past their deadline, or past the time to wait for a worker, and gives their charge back. */
export function failOverdueReplies(
  db: Connection,
  end: Failure,
  { refundsDaily, queueMs }: { refundsDaily: number; queueMs: number },
): Promise<EndedReply[]> {
  return db.run(failOverdue, [end.code, end.refunded, end.charged, refundsDaily, queueMs]);
}

const failMissing = failWhere(
  'rescue_fail_missing',
  `m.status = 'queued' and exists (select from model_pauses where model = $5 and missing_since is not null)`,
);

/** Fails replies that wait for a model whose name the vendor does not know. */
export function failMissingReplies(
  db: Connection,
  end: Failure,
  refundsDaily: number,
  model: string,
): Promise<EndedReply[]> {
  return db.run(failMissing, [end.code, end.refunded, end.charged, refundsDaily, model]);
}

const requestCancel: Statement<EndedReply> = {
  name: 'reply_cancel',
  text: `update messages m set
      cancel_requested = true,
      status = case when m.status = 'queued' then 'cancelled' else m.status end
    from chatrooms c
    where m.id = $3 and m.chatroom_id = $2 and c.id = m.chatroom_id and c.user_id = $1
      and not m.is_from_user and m.status in ('queued', 'generating')
    returning ${endedColumns}`,
};

/** Ends a queued reply, or asks the worker of a running one to stop; null when there is no unfinished reply like that. */
export async function requestReplyCancel(
  db: Connection,
  userId: number,
  roomId: number,
  id: number,
): Promise<EndedReply | null> {
  const rows = await db.run(requestCancel, [userId, roomId, id]);
  return rows[0] ?? null;
}

/** What a worker finished this long before its last heartbeat has surely been announced. */
const announcedSeconds = 5;

const lastWords: Statement<EndedReply> = {
  name: 'rescue_last_words',
  text: `with dead as (
      delete from workers where seen_at < now() - interval '${leaseSeconds} seconds' and not exists (
        select from messages m where m.worker_id = workers.id and m.status = 'generating'
      ) returning id, seen_at
    )
    select ${endedColumns} from messages m join dead on dead.id = m.worker_id
    where m.finished_at > dead.seen_at - interval '${announcedSeconds} seconds'
      and m.finished_at > now() - interval '1 hour' and m.status in ('complete', 'failed', 'cancelled')`,
};

/**
 * Removes dead workers that hold nothing any more, and gives what they finished last: they may have died between
 * writing a reply and telling the devices.
 */
export function buryDeadWorkers(db: Connection): Promise<EndedReply[]> {
  return db.run(lastWords, []);
}
