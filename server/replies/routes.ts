/** HTTP for replies: stop one, ask for another. */
import * as contract from '../../contract/messages.ts';
import type { Serve } from '../http/serve.ts';
import { announceAccepted, presentAccepted, type AcceptDeps } from '../messages/accept.ts';
import { acceptRegeneration } from '../messages/accept-store.ts';
import { acceptedFrom } from '../messages/send.ts';
import { readMessage } from '../messages/store.ts';
import { notFound, ProblemError } from '../problem.ts';
import { rateLimitHeaders } from '../quotas/quota.ts';
import { announceEnd } from './rescue.ts';
import { requestReplyCancel } from './rescue-store.ts';

export function serveReplies(serve: Serve, deps: AcceptDeps): void {
  const { db, basicDailyLimit } = deps;

  serve(contract.cancelReply, async ({ caller, params }) => {
    const { chatroom_id: roomId, reply_id: id } = params;
    const row = await requestReplyCancel(db, caller.userId, roomId, id);
    if (row === null) return stateOfFinished(caller.userId, roomId, id);
    if (row.status === 'cancelled') announceEnd(deps, row);
    // The next question of the room may have waited for this one.
    deps.queue.ring('replies', id);
    return { id, status: row.status };
  });

  serve(contract.regenerateReply, async ({ caller, params, request, reply }) => {
    const question = {
      userId: caller.userId,
      roomId: params.chatroom_id,
      dailyLimit: basicDailyLimit,
      trace: request.span?.traceparent ?? null,
    };
    const row = await acceptRegeneration(db, { ...question, replyId: params.reply_id });
    if (row === null) throw notFound();
    if (row.status === 'queued' || row.status === 'generating') {
      throw new ProblemError('reply_unfinished', 'This reply is still being written. Stop it first, or wait.');
    }
    const uncharged = row.used === null ? { ...row, messageId: null } : row;
    const accepted = acceptedFrom(uncharged, { ...question, content: row.content }, basicDailyLimit);
    if (row.repliedAt !== null) await announceAccepted(deps, { ...accepted, repliedAt: row.repliedAt });
    reply.headers(rateLimitHeaders(accepted.quota));
    reply.header('location', `/chatroom/${params.chatroom_id}/messages/${accepted.replyId}`);
    return presentAccepted(accepted);
  });

  /** Stopping twice is fine; stopping what is done is not. */
  async function stateOfFinished(userId: number, roomId: number, id: number) {
    const row = await readMessage(db, userId, roomId, id);
    if (row === null || row.isFromUser) throw notFound();
    if (row.status !== 'cancelled') throw new ProblemError('reply_finished', 'This reply is finished already.');
    return { id, status: row.status };
  }
}
