/** SQL that rates finished replies, through the owner's room. */
import type { Rating } from '../../contract/messages.ts';
import type { Connection, Statement } from '../ports/database.ts';
import { messageColumns, type MessageRow } from './store.ts';

const rate: Statement<MessageRow> = {
  name: 'reply_rate',
  text: `update replies r set feedback = $4
    from messages m join chatrooms c on c.id = m.chatroom_id
    where r.message_id = $3 and m.id = r.message_id and c.id = $2 and c.user_id = $1
      and r.status in ('complete', 'failed', 'cancelled')
    returning ${messageColumns('m', 'r')}`,
};

/** The reply with its rating, null to remove it; null if the user has no such finished reply in the room. */
export async function setFeedback(
  db: Connection,
  { userId, roomId, replyId }: { userId: number; roomId: number; replyId: number },
  rating: Rating | null,
): Promise<MessageRow | null> {
  const rows = await db.run(rate, [userId, roomId, replyId, rating]);
  return rows[0] ?? null;
}
