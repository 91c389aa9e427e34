/** SQL for the life of a reply. Every change names the status, worker and epoch it expects, so a stale worker writes nothing. */
import { messageColumns, type MessageRow } from '../messages/store.ts';
import type { Connection, Statement } from '../ports/database.ts';
import { refundCte } from '../quotas/store.ts';

/** A worker not heard of for this long has lost its replies. Longer than two beats and a blocked event loop of 5 s. */
export const leaseSeconds = 9;

export interface Claim {
  readonly id: number;
  readonly roomId: number;
  readonly userId: number;
  readonly questionId: number;
  /** Also the number of the attempt, from 1. */
  readonly epoch: number;
  /** The trace of the request that asked; null while nobody collects. */
  readonly trace: string | null;
  /** Time left until the reply must be finished, by the database's clock. */
  readonly leftMs: number;
}

const claimColumns = `m.id, m.chatroom_id as "roomId", m.user_id as "userId", m.in_reply_to as "questionId", m.epoch, m.trace,
  (extract(epoch from m.deadline_at - now()) * 1000)::float8 as "leftMs"`;

/**
 * Values: worker, how many, time-out in ms, model. Takes nothing while the model's vendor wants to be left alone; takes
 * due replies, each the first unfinished of its room: Pro before Basic, then by turns, so that somebody's hundredth
 * question waits for everybody's first.
 */
const claim: Statement<Claim> = {
  name: 'reply_claim',
  text: `with due as (
      select m.id, m.user_id, row_number() over (partition by m.user_id order by m.id) + coalesce(busy.replies, 0) as turn
      from messages m
      left join (select user_id, count(*) as replies from messages where status = 'generating' group by user_id) as busy
        on busy.user_id = m.user_id
      where m.status = 'queued' and m.next_attempt_at <= now()
        and not exists (select from model_pauses where model = $4 and until > now())
        and not exists (
        select from messages earlier
        where earlier.chatroom_id = m.chatroom_id and earlier.id < m.id and earlier.status in ('queued', 'generating')
      )
    ), chosen as (
      select due.id from due join users u on u.id = due.user_id order by u.tier = 'Pro' desc, due.turn, due.id limit $2
    ), taken as (
      select m.id from messages m where m.id in (select id from chosen) and m.status = 'queued' for update skip locked
    )
    update messages m set status = 'generating', epoch = m.epoch + 1, worker_id = $1, content = '',
      deadline_at = coalesce(m.deadline_at, now() + make_interval(secs => $3::float8 / 1000))
    from taken where m.id = taken.id returning ${claimColumns}`,
};

export interface ClaimOptions {
  readonly workerId: string;
  readonly limit: number;
  readonly timeoutMs: number;
  readonly model: string;
}

export function claimReplies(db: Connection, { workerId, limit, timeoutMs, model }: ClaimOptions): Promise<Claim[]> {
  return db.run(claim, [workerId, limit, timeoutMs, model]);
}

const owned = `m.id = $1 and m.epoch = $2 and m.worker_id = $3 and m.status = 'generating'`;

export interface Ownership {
  readonly id: number;
  readonly epoch: number;
  readonly workerId: string;
}

const finish: Statement<MessageRow> = {
  name: 'reply_finish',
  text: `update messages m set status = $4, content = $5, truncated = $6, finished_at = now() where ${owned} returning ${messageColumns}`,
};

/** Ends a reply with its text; null when it is no longer this worker's. */
export async function finishReply(
  db: Connection,
  { id, epoch, workerId }: Ownership,
  end: { status: 'complete' | 'cancelled'; content: string; truncated: boolean },
): Promise<MessageRow | null> {
  const rows = await db.run(finish, [id, epoch, workerId, end.status, end.content, end.truncated]);
  return rows[0] ?? null;
}

const fail: Statement<MessageRow> = {
  name: 'reply_fail',
  text: `with failed as (
      update messages m set status = 'failed', content = $5, code = $4, finished_at = now() where ${owned}
      returning ${messageColumns}, m.user_id, m.charged_on
    ), ${refundCte('failed')} select * from failed`,
};

/** Ends a reply as failed and gives its charge back, together; null when it is no longer this worker's. */
export async function failReply(
  db: Connection,
  { id, epoch, workerId }: Ownership,
  end: { code: string; content: string },
): Promise<MessageRow | null> {
  const rows = await db.run(fail, [id, epoch, workerId, end.code, end.content]);
  return rows[0] ?? null;
}

const release: Statement<{ id: number }> = {
  name: 'reply_release',
  text: `update messages m set status = 'queued', content = '', worker_id = null,
      next_attempt_at = now() + make_interval(secs => $4::float8 / 1000)
    where ${owned} and not m.cancel_requested returning m.id`,
};

/**
 * Puts a reply back into the queue for another attempt; false when it is no longer this worker's, or when somebody
 * asked to stop it.
 */
export async function releaseReply(
  db: Connection,
  { id, epoch, workerId }: Ownership,
  delayMs: number,
): Promise<boolean> {
  const rows = await db.run(release, [id, epoch, workerId, delayMs]);
  return rows.length > 0;
}

const pause: Statement<never> = {
  name: 'model_pause',
  text: `insert into model_pauses as known (model, until) values ($1, now() + make_interval(secs => $2::float8 / 1000))
    on conflict (model) do update set until = greatest(known.until, excluded.until)`,
};

/** Keeps every worker from calling this model for a while. */
export async function pauseModel(db: Connection, model: string, forMs: number): Promise<void> {
  await db.run(pause, [model, forMs]);
}

const checkpoint: Statement<never> = {
  name: 'reply_checkpoint',
  text: `update messages m set content = run.content
    from unnest($2::bigint[], $3::int[], $4::text[]) as run (id, epoch, content)
    where m.id = run.id and m.epoch = run.epoch and m.worker_id = $1 and m.status = 'generating'`,
};

export interface Checkpoint {
  readonly id: number;
  readonly epoch: number;
  readonly text: string;
}

export async function checkpointReplies(db: Connection, workerId: string, runs: readonly Checkpoint[]): Promise<void> {
  await db.run(checkpoint, [
    workerId,
    runs.map((run) => run.id),
    runs.map((run) => run.epoch),
    runs.map((run) => run.text),
  ]);
}

const held: Statement<{ id: number; epoch: number; cancelRequested: boolean }> = {
  name: 'reply_held',
  text: `select id, epoch, cancel_requested as "cancelRequested" from messages
    where id = any ($2::bigint[]) and worker_id = $1 and status = 'generating'`,
};

/** Which of these replies are still this worker's, and whether somebody asked to stop them. */
export function readHeld(db: Connection, workerId: string, ids: readonly number[]) {
  return db.run(held, [workerId, ids]);
}

const beat: Statement<never> = {
  name: 'worker_beat',
  text: `insert into workers (id, seen_at) values ($1, now()) on conflict (id) do update set seen_at = now()`,
};

export async function beatWorker(db: Connection, workerId: string): Promise<void> {
  await db.run(beat, [workerId]);
}

const leave: Statement<never> = { name: 'worker_leave', text: `delete from workers where id = $1` };

export async function removeWorker(db: Connection, workerId: string): Promise<void> {
  await db.run(leave, [workerId]);
}

const clear: Statement<never> = { name: 'worker_clear', text: `delete from workers where id <> $1` };

export async function removeOtherWorkers(db: Connection, workerId: string): Promise<void> {
  await db.run(clear, [workerId]);
}
