/** Rates a reply, and publishes that to its owner's devices. */
import type { Rating } from '../../contract/messages.ts';
import type { Database } from '../ports/database.ts';
import type { Feed } from '../ports/feed.ts';
import { notFound, ProblemError } from '../problems/problem.ts';
import { setFeedback } from './feedback-store.ts';
import { readMessage, type MessageRow } from './store.ts';

/**
 * The reply with its rating; null removes that. Throws `not_found` unless it is a reply in that room of the user, and
 * `reply_unfinished` before it is finished.
 */
export async function rateReply(
  { db, feed }: { readonly db: Database; readonly feed: Feed },
  { userId, roomId, replyId }: { userId: number; roomId: number; replyId: number },
  rating: Rating | null,
): Promise<MessageRow> {
  const row = await setFeedback(db, { userId, roomId, replyId }, rating);
  if (row === null) {
    const message = await readMessage(db, userId, roomId, replyId);
    throw message === null || message.isFromUser ? notFound() : new ProblemError('reply_unfinished');
  }
  const { feedback, versions } = row;
  feed.publish(userId, [
    { type: 'message.updated', chatroom_id: roomId, message_id: replyId, feedback, versions: [...versions] },
  ]);
  return row;
}
