/** SQL that measures the queue. */
import type { Plans } from '../config/catalog.ts';
import type { Connection, Statement } from '../ports/database.ts';
import { leaseSeconds } from './store.ts';

export interface Backlog {
  /**
   * Replies that can be claimed now: due, the first unfinished of their room, within the concurrency of the account's plan, and
   * the model not paused by its vendor.
   */
  readonly depth: number;
  /** How long the longest waiting of them has been claimable. */
  readonly oldestSeconds: number;
  readonly workersAlive: number;
}

/** A reply waits since the latest of: when it was due, the room's earlier reply and the last pause ended, its account was last served. */
const backlog: Statement<Backlog> = {
  name: 'reply_backlog',
  text: `with running as (
      select user_id, count(*) as replies from replies where status = 'generating' group by user_id
    ), free as (
      select r.user_id, row_number() over (partition by r.user_id order by r.message_id) as nth,
        greatest(r.next_attempt_at, (select max(until) from model_pauses), (
        select earlier.finished_at from messages m join replies earlier on earlier.message_id = m.id
        where m.chatroom_id = r.chatroom_id and m.id < r.message_id and not m.is_from_user
        order by m.id desc limit 1
      )) as since
      from replies r
      where r.status = 'queued' and r.next_attempt_at <= now()
        and not exists (select from model_pauses where until > now())
        and not exists (
          select from replies earlier where earlier.chatroom_id = r.chatroom_id
            and earlier.message_id < r.message_id and earlier.status in ('queued', 'generating')
        )
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

export async function readBacklog(db: Connection, plans: Plans): Promise<Backlog> {
  const rows = await db.run(backlog, [plans.map(({ id }) => id), plans.map(({ repliesAtOnce }) => repliesAtOnce)]);
  return rows[0]!;
}
