/** SQL for operators' view of the queue of replies. No statement reads text of messages. */
import type { Connection, Statement } from '../ports/database.ts';

export interface Unfinished {
  readonly queued: number;
  readonly generating: number;
}

const unfinished: Statement<Unfinished> = {
  name: 'admin_unfinished',
  text: `select count(*) filter (where status = 'queued')::int as queued,
      count(*) filter (where status = 'generating')::int as generating
    from replies where status in ('queued', 'generating')`,
};

export async function countUnfinished(db: Connection): Promise<Unfinished> {
  const [row] = await db.run(unfinished, []);
  return row!;
}

export interface PausedModel {
  readonly model: string;
  readonly until: Date;
  /** Since when the vendor does not know it; null if it does. */
  readonly missingSince: Date | null;
}

const paused: Statement<PausedModel> = {
  name: 'admin_paused_models',
  text: `select model, until, missing_since as "missingSince" from model_pauses
    where until > now() or missing_since is not null order by model`,
};

export function listPausedModels(db: Connection): Promise<PausedModel[]> {
  return db.run(paused, []);
}

export interface FailedReply {
  readonly code: string;
  /** Failures with this code. */
  readonly count: number;
  readonly replyId: number;
  readonly userId: number;
  readonly model: string | null;
  readonly attempts: number;
  readonly finishedAt: Date;
}

const mostRead = 10_000;
const samplesEach = 5;

const failures: Statement<FailedReply> = {
  name: 'admin_failures',
  text: `with recent as materialized (
      select message_id, user_id, coalesce(code, 'unknown') as code, model, attempts, finished_at from replies
      where status = 'failed' and finished_at > now() - interval '1 day' order by finished_at desc limit ${mostRead}
    ), numbered as (
      select *, row_number() over (partition by code order by finished_at desc) as nth,
        count(*) over (partition by code)::int as count
      from recent
    )
    select code, count, message_id as "replyId", user_id as "userId", model, attempts, finished_at as "finishedAt"
    from numbered where nth <= ${samplesEach} order by count desc, code, nth`,
};

/** The newest failures of each code in the last 24 hours, five at most; the most frequent code first. */
export function listFailures(db: Connection): Promise<FailedReply[]> {
  return db.run(failures, []);
}
