/** HTTP for replies: cancel, regenerate, the context of the next one, unfinished ones. */
import { replayedHeaders } from '../../contract/endpoint.ts';
import * as contract from '../../contract/messages.ts';
import { listUnfinished as listUnfinishedContract, type UnfinishedReply } from '../../contract/unfinished.ts';
import { readContext as contextContract } from '../../contract/context.ts';
import { linkPages } from '../http/page.ts';
import type { Serve } from '../http/serve.ts';
import { presentAccepted, type AcceptDeps } from '../messages/accept.ts';
import { readMessage } from '../messages/store.ts';
import { notFound, ProblemError } from '../problems/problem.ts';
import { rateLimitHeaders } from '../plans/quota.ts';
import { readContext, type ContextDeps } from './context.ts';
import { regenerateReply } from './regenerate.ts';
import { announceEnd } from './rescue.ts';
import { requestReplyCancel } from './rescue-store.ts';
import { listUnfinished, type UnfinishedRow } from './unfinished-store.ts';

const pageSize = 100;

export function serveReplies(serve: Serve, deps: AcceptDeps & ContextDeps): void {
  const { db } = deps;

  serve(contextContract, ({ caller, params }) => readContext(deps, caller.userId, params.chatroom_id));

  serve(contract.cancelReply, async ({ caller, params }) => {
    const { chatroom_id: roomId, reply_id: id } = params;
    const row = await requestReplyCancel(db, caller.userId, roomId, id);
    if (row === null) return stateOfFinished(caller.userId, roomId, id);
    if (row.status === 'cancelled') announceEnd(deps, row);
    else deps.wakeUps.stop(id);
    // The room's next reply may be due now.
    deps.wakeUps.wake('replies');
    return { id, status: row.status };
  });

  serve(contract.regenerateReply, async ({ caller, params, body, requestKey, request, reply }) => {
    const accepted = await regenerateReply(deps, {
      userId: caller.userId,
      roomId: params.chatroom_id,
      replyId: params.reply_id,
      ifHeadId: body.if_head_id,
      model: body.model,
      requestKey,
      trace: request.span?.traceparent ?? null,
    });
    reply.headers(rateLimitHeaders(accepted.quota));
    reply.header('location', `/chatroom/${params.chatroom_id}/messages/${accepted.replyId}`);
    if (accepted.news === null) reply.headers(replayedHeaders);
    return presentAccepted(accepted);
  });

  serve(listUnfinishedContract, async ({ caller, query, request, reply }) => {
    const { limit = pageSize, after = 0 } = query;
    const rows = await listUnfinished(db, caller.userId, after, limit + 1);
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    linkPages(request, reply, { next: last ? { after: last.id } : null, prev: null });
    return page.map(presentUnfinished);
  });

  /** Cancelling again succeeds; cancelling a finished reply fails. */
  async function stateOfFinished(userId: number, roomId: number, id: number) {
    const row = await readMessage(db, userId, roomId, id);
    if (row === null || row.isFromUser) throw notFound();
    if (row.status !== 'cancelled') throw new ProblemError('reply_finished');
    return { id, status: row.status };
  }
}

function presentUnfinished(row: UnfinishedRow): UnfinishedReply {
  return {
    id: row.id,
    chatroom_id: row.roomId,
    in_reply_to: row.questionId,
    status: row.status,
    attempt: row.epoch,
    created_at: row.createdAt.toISOString(),
  };
}
