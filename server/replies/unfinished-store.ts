/** SQL that lists the unfinished replies of an account. */
import type { Connection, Statement } from '../ports/database.ts';

export interface UnfinishedRow {
  readonly id: number;
  readonly roomId: number;
  readonly questionId: number;
  readonly status: 'queued' | 'generating';
  /** Claims so far. */
  readonly epoch: number;
  readonly createdAt: Date;
}

/** Values: user, id before the page, limit. Each status has an index of its own. */
const ofStatus = (status: UnfinishedRow['status']) => `(
      select message_id, chatroom_id, question_id, status, epoch from replies
      where user_id = $1 and status = '${status}' and message_id > $2 order by message_id limit $3
    )`;
const list: Statement<UnfinishedRow> = {
  name: 'replies_unfinished',
  text: `select r.message_id as id, r.chatroom_id as "roomId", r.question_id as "questionId", r.status, r.epoch,
      m.created_at as "createdAt"
    from (${ofStatus('queued')} union all ${ofStatus('generating')}) as r join messages m on m.id = r.message_id
    order by r.message_id limit $3`,
};

/** Oldest first. */
export function listUnfinished(db: Connection, userId: number, after: number, limit: number): Promise<UnfinishedRow[]> {
  return db.run(list, [userId, after, limit]);
}
