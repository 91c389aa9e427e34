/** HTTP for messages. */
import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { replayedHeaders } from '../../contract/endpoint.ts';
import { exportChatroom } from '../../contract/exports.ts';
import * as feedback from '../../contract/feedback.ts';
import * as contract from '../../contract/messages.ts';
import type { Message } from '../../contract/messages.ts';
import { readRoom } from '../chatrooms/store.ts';
import { linkPages } from '../http/page.ts';
import type { Serve } from '../http/serve.ts';
import { inLanguage } from '../languages/failed-reply.ts';
import { languageOf, varyByLanguage } from '../languages/reader.ts';
import { notFound } from '../problems/problem.ts';
import { rateLimitHeaders } from '../plans/quota.ts';
import { presentAccepted, type AcceptDeps } from './accept.ts';
import { attachmentNamed, exportJson, exportMarkdown } from './export.ts';
import { withLiveText } from './live-text.ts';
import { presentMessage } from './present.ts';
import { rateReply } from './feedback.ts';
import { fingerprintOfSend, sendMessage } from './send.ts';
import { listMessages, readMessage } from './store.ts';

const pageSize = 100;

export function serveMessages(serve: Serve, deps: AcceptDeps): void {
  const { db, feed } = deps;

  serve(contract.sendMessage, async ({ caller, params, body, requestKey, request, reply }) => {
    const sent = await sendMessage(deps, {
      userId: caller.userId,
      roomId: params.chatroom_id,
      content: body.content,
      fileIds: body.attachment_ids ?? [],
      parentId: body.parent_id,
      ifHeadId: body.if_head_id,
      model: body.model,
      requestKey: requestKey && { ...requestKey, fingerprint: () => fingerprintOfSend(params.chatroom_id, body) },
      trace: request.span?.traceparent ?? null,
    });
    reply.headers(rateLimitHeaders(sent.quota));
    reply.header('location', `/chatroom/${params.chatroom_id}/messages/${sent.replyId}`);
    if (sent.news === null) reply.headers(replayedHeaders);
    return presentAccepted(sent);
  });

  serve(contract.listMessages, async ({ caller, params, query, request, reply }) => {
    const { limit = pageSize, before, after, include, through, on_path: onPath } = query;
    const room = { userId: caller.userId, roomId: params.chatroom_id };
    const page = await listMessages(db, room, {
      limit,
      before,
      after,
      through,
      onPath: onPath === 'true',
      pending: include === 'pending',
    });
    if (page === null) throw notFound();
    const { messages, more } = page;
    const forwards = before === undefined && after !== undefined;
    const [first, last] = [messages[0], messages.at(-1)];
    linkPages(request, reply, {
      next: last && ((forwards && more) || before !== undefined) ? { after: last.id } : null,
      prev: first && (more || forwards) ? { before: first.id, on_path: true } : null,
    });
    const rows = include === 'pending' ? await withLiveText(feed, caller.userId, messages) : messages;
    varyByLanguage(reply);
    return forReader(request, rows.map(presentMessage));
  });

  serve(exportChatroom, async ({ caller, params, query, request, reply }) => {
    const { userId } = caller;
    const room = await readRoom(db, userId, params.chatroom_id);
    if (room === null) throw notFound();
    const isJson = query.format === 'json';
    reply.type(isJson ? 'application/json; charset=utf-8' : 'text/markdown; charset=utf-8');
    reply.header('content-disposition', attachmentNamed(room.name, isJson ? 'json' : 'md'));
    if (request.method === 'HEAD') return reply.send(Readable.from([]));
    const parts = isJson ? exportJson(db, { userId, room }) : exportMarkdown(db, { userId, room });
    return reply.send(Readable.from(parts, { highWaterMark: 1 }));
  });

  serve(contract.readMessage, async ({ caller, params, request, reply }) => {
    const row = await readMessage(db, caller.userId, params.chatroom_id, params.message_id);
    if (row === null) throw notFound();
    const [live] = await withLiveText(feed, caller.userId, [row]);
    varyByLanguage(reply);
    return forReader(request, [presentMessage(live!)])[0]!;
  });

  serve(feedback.rateReply, async ({ caller, params, body, request, reply }) => {
    const { chatroom_id: roomId, reply_id: replyId } = params;
    const row = await rateReply(deps, { userId: caller.userId, roomId, replyId }, body.rating);
    varyByLanguage(reply);
    return forReader(request, [presentMessage(row)])[0]!;
  });

  serve(feedback.removeRating, async ({ caller, params }) => {
    const { chatroom_id: roomId, reply_id: replyId } = params;
    await rateReply(deps, { userId: caller.userId, roomId, replyId }, null);
    return undefined;
  });
}

/** Translates the text of failed replies to the reader's language. */
function forReader({ headers }: FastifyRequest, messages: Message[]): Message[] {
  if (!messages.some(({ status }) => status === 'failed')) return messages;
  const language = languageOf(headers);
  return messages.map((message) => inLanguage(message, language));
}
