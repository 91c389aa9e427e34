/** SQL that tells how the queue stands. */
import type { Connection, Statement } from '../ports/database.ts';
import { leaseSeconds } from './store.ts';

export interface Backlog {
  /** Replies a worker could take now: due, the first unfinished of their room, the model not paused by its vendor. */
  readonly depth: number;
  /** How long the longest waiting of them could have been taken. */
  readonly oldestSeconds: number;
  readonly workersAlive: number;
}

/** Waiting begins when the reply was due, its room's earlier one was done and the last pause was over. */
const backlog: Statement<Backlog> = {
  name: 'reply_backlog',
  text: `with waiting as (
      select greatest(m.next_attempt_at, (select max(until) from model_pauses), (
        select earlier.finished_at from messages earlier
        where earlier.chatroom_id = m.chatroom_id and earlier.id < m.id and not earlier.is_from_user
        order by earlier.id desc limit 1
      )) as since
      from messages m
      where m.status = 'queued' and m.next_attempt_at <= now()
        and not exists (select from model_pauses where until > now())
        and not exists (
          select from messages earlier
          where earlier.chatroom_id = m.chatroom_id and earlier.id < m.id and earlier.status in ('queued', 'generating')
        )
    )
    select count(*)::int as depth, coalesce(max(extract(epoch from now() - since)), 0)::float8 as "oldestSeconds",
      (select count(*)::int from workers where seen_at > now() - interval '${leaseSeconds} seconds') as "workersAlive"
    from waiting`,
};

export async function readBacklog(db: Connection): Promise<Backlog> {
  const rows = await db.run(backlog, []);
  return rows[0]!;
}
