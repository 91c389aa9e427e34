/** SQL that measures the queue. */
import type { Plans } from '../config/catalog.ts';
import type { Connection, Statement } from '../ports/database.ts';
import { crowdedRooms, hasItsFiles, isFree } from './claim-store.ts';
import { leaseSeconds } from './store.ts';

export interface Backlog {
  /**
   * Replies that can be claimed now: due, none unfinished above them, within the concurrency of the account's plan, and
   * the model not paused by its vendor.
   */
  readonly depth: number;
  /** How long the longest waiting of them has been claimable. */
  readonly oldestSeconds: number;
  readonly workersAlive: number;
}

/** A reply waits since the latest of: when it was due, the reply above and the last pause ended, its account was last served. */
const backlog: Statement<Backlog> = {
  name: 'reply_backlog',
  text: `with running as (
      select user_id, count(*) as replies from replies where status = 'generating' group by user_id
    ), ${crowdedRooms}, free as (
      select r.user_id, row_number() over (partition by r.user_id order by r.message_id) as nth,
        greatest(r.next_attempt_at, (select max(until) from model_pauses), (
        select above.finished_at from messages question join replies above on above.message_id = question.parent_id
        where question.id = r.question_id
      )) as since
      from replies r left join crowded on crowded.chatroom_id = r.chatroom_id
      where r.status = 'queued' and r.next_attempt_at <= now()
        and not exists (select from model_pauses where until > now())
        and ${isFree} and ${hasItsFiles}
    ), waiting as (
      select greatest(since, u.served_at) as since from free join users u on u.id = free.user_id
        join unnest($1::text[], $2::int[]) as plan (tier, at_once) on plan.tier = u.tier
        left join running on running.user_id = free.user_id
      where coalesce(running.replies, 0) + nth <= plan.at_once
    )
    select count(*)::int as depth, coalesce(max(extract(epoch from now() - since)), 0)::float8 as "oldestSeconds",
      (select count(*)::int from workers where seen_at > now() - interval '${leaseSeconds} seconds') as "workersAlive"
    from waiting`,
};

export async function readBacklog(db: Connection, { all }: Plans): Promise<Backlog> {
  const rows = await db.run(backlog, [all.map(({ id }) => id), all.map(({ repliesAtOnce }) => repliesAtOnce)]);
  return rows[0]!;
}
