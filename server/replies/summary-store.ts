/** SQL for summaries. */
import type { Connection, Statement } from '../ports/database.ts';

export interface FinishedReply {
  readonly roomId: number;
  readonly userId: number;
  readonly model: string | null;
}

const reply: Statement<FinishedReply> = {
  name: 'summary_reply',
  text: `select chatroom_id as "roomId", user_id as "userId", model from replies where message_id = $1 and status = 'complete'`,
};

/** Null if the room was deleted. */
export async function readFinishedReply(db: Connection, replyId: number): Promise<FinishedReply | null> {
  const rows = await db.run(reply, [replyId]);
  return rows[0] ?? null;
}

const add: Statement<{ id: number }> = {
  name: 'summary_add',
  text: `insert into summaries (message_id, content) select id, $2 from messages where id = $1
    on conflict (message_id) do nothing returning message_id as id`,
};

/** False if there is one already, or the room was deleted. */
export async function addSummary(db: Connection, upToMessageId: number, content: string): Promise<boolean> {
  return (await db.run(add, [upToMessageId, content])).length > 0;
}
