/** SQL for the state of a reply. Every change names the status, worker and epoch it expects, so a stale worker writes nothing. */
import { messageColumns, type MessageRow } from '../messages/store.ts';
import type { Connection, Statement } from '../ports/database.ts';
import { enteredCte, entryValue, type UsageEntry } from '../plans/ledger-store.ts';
import { refundCtes } from '../plans/store.ts';
import type { Failure } from './failure.ts';

/** A worker without a heartbeat for this long loses its replies. Longer than two beats and an event loop blocked for 5 s. */
export const leaseSeconds = 9;

const owned = `r.message_id = $1 and r.epoch = $2 and r.worker_id = $3 and r.status = 'generating'`;

export interface Ownership {
  readonly id: number;
  readonly epoch: number;
  readonly workerId: string;
}

/**
 * The message is locked before its reply, in the order of a room's deletion, to avoid a deadlock; ownership is checked on the
 * locked reply.
 */
const finish: Statement<MessageRow> = {
  name: 'reply_finish',
  text: `with message as materialized (
      select id from messages where id = $1 for no key update
    ), r as (
      update replies r set status = $4, text = null, truncated = $6, prompt_tokens = $7, prompt_estimate = $8, finished_at = now()
      from message where ${owned} and r.message_id = message.id returning r.*, r.message_id as id
    ), ${enteredCte({ from: 'r', entry: '$9' })}
    update messages m set content = $5 from r where m.id = r.message_id returning ${messageColumns('m', 'r')}`,
};

export interface ReplyEnd {
  readonly status: 'complete' | 'cancelled';
  readonly content: string;
  readonly truncated: boolean;
  /** Left out or null if the vendor did not count them. */
  readonly promptTokens?: { readonly counted: number; readonly estimated: number } | null;
  /** The call that was made; left out or null for none. */
  readonly entry?: UsageEntry | null;
}

/** Ends a reply with its text; null if this worker no longer owns it. */
export async function finishReply(
  db: Connection,
  { id, epoch, workerId }: Ownership,
  end: ReplyEnd,
): Promise<MessageRow | null> {
  const { status, content, truncated, promptTokens, entry = null } = end;
  const { counted = null, estimated = null } = promptTokens ?? {};
  const values = [id, epoch, workerId, status, content, truncated, counted, estimated, entryValue(entry)];
  const rows = await db.run(finish, values);
  return rows[0] ?? null;
}

/**
 * The SET list of an update that fails replies, with `refunded` joined. The placeholders: the code, and the texts with and
 * without a refund.
 */
export function failedSets({ code, refunded, charged }: { code: string; refunded: string; charged: string }): string {
  return `status = 'failed', code = ${code}, finished_at = now(),
      text = case when refunded.id is null and r.charged_on is not null then ${charged} else ${refunded} end,
      charged_on = case when refunded.id is null then r.charged_on end`;
}

/** Values: reply, epoch, worker, code, both texts, refunds per day, entry. */
const fail: Statement<MessageRow> = {
  name: 'reply_fail',
  text: `with held as (
      select r.message_id as id, r.user_id, r.charged_on, r.epoch from replies r where ${owned} for update
    ), ${refundCtes({ from: 'held', limit: '$7' })}, ${enteredCte({ from: 'held', entry: '$8' })}
    update replies r set ${failedSets({ code: '$4', refunded: '$5', charged: '$6' })}
    from held join messages m on m.id = held.id left join refunded on refunded.id = held.id
    where r.message_id = held.id returning ${messageColumns('m', 'r')}`,
};

/**
 * Fails a reply and refunds it atomically, up to `refundsDaily` per account and day; null if this worker no longer owns it.
 */
export async function failReply(
  db: Connection,
  { id, epoch, workerId }: Ownership,
  { code, refunded, charged }: Failure,
  refundsDaily: number,
  entry: UsageEntry | null = null,
): Promise<MessageRow | null> {
  const rows = await db.run(fail, [id, epoch, workerId, code, refunded, charged, refundsDaily, entryValue(entry)]);
  return rows[0] ?? null;
}

const release: Statement<{ id: number }> = {
  name: 'reply_release',
  text: `with r as (
      update replies r set status = 'queued', text = null, worker_id = null,
        next_attempt_at = now() + make_interval(secs => $4::float8 / 1000),
        attempts = r.attempts - case when $5 then 0 else 1 end
      where ${owned} and not r.cancel_requested returning r.message_id as id, r.user_id, r.epoch
    ), ${enteredCte({ from: 'r', entry: '$6' })}
    select id from r`,
};

/**
 * Releases a reply to the queue, due after `delayMs`; unless `counted`, the attempt is not counted. False if this worker no
 * longer owns it or it was cancelled.
 */
export async function releaseReply(
  db: Connection,
  { id, epoch, workerId }: Ownership,
  { delayMs, counted }: { delayMs: number; counted: boolean },
  entry: UsageEntry | null = null,
): Promise<boolean> {
  const rows = await db.run(release, [id, epoch, workerId, delayMs, counted, entryValue(entry)]);
  return rows.length > 0;
}

const pause: Statement<never> = {
  name: 'model_pause',
  text: `insert into model_pauses as known (model, until) values ($1, now() + make_interval(secs => $2::float8 / 1000))
    on conflict (model) do update set until = greatest(known.until, excluded.until)`,
};

/** Stops all workers from calling this model for `forMs`. */
export async function pauseModel(db: Connection, model: string, forMs: number): Promise<void> {
  await db.run(pause, [model, forMs]);
}

const paused: Statement<{ paused: boolean }> = {
  name: 'model_paused',
  text: `select exists (
      select from model_pauses where model = $1 and (until > now() or missing_since is not null)
    ) as paused`,
};

/** True while the vendor accepts no questions for this model, or does not know it. */
export async function isModelPaused(db: Connection, model: string): Promise<boolean> {
  const [row] = await db.run(paused, [model]);
  return row!.paused;
}

const checkpoint: Statement<never> = {
  name: 'reply_checkpoint',
  text: `update replies r set text = run.text, prompt_estimate = run.estimate
    from unnest($2::bigint[], $3::int[], $4::text[], $5::int[]) as run (id, epoch, text, estimate)
    where r.message_id = run.id and r.epoch = run.epoch and r.worker_id = $1 and r.status = 'generating'`,
};

export interface Checkpoint {
  readonly id: number;
  readonly epoch: number;
  readonly text: string;
  /** Tokens of the prompt, as estimated. */
  readonly estimate?: number | null;
}

export async function checkpointReplies(db: Connection, workerId: string, runs: readonly Checkpoint[]): Promise<void> {
  await db.run(checkpoint, [
    workerId,
    runs.map((run) => run.id),
    runs.map((run) => run.epoch),
    runs.map((run) => run.text),
    runs.map((run) => run.estimate ?? null),
  ]);
}

const held: Statement<{ id: number; epoch: number; cancelRequested: boolean }> = {
  name: 'reply_held',
  text: `select message_id as id, epoch, cancel_requested as "cancelRequested" from replies
    where message_id = any ($2::bigint[]) and worker_id = $1 and status = 'generating'`,
};

/** Those of these replies that this worker still owns, and whether they were cancelled. */
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
