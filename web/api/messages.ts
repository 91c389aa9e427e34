/** API calls for messages and replies. */
import type { AcceptedMessage, Message, Rating } from '../../contract/messages.ts';
import type { Asking } from '../chat/unsettled.ts';
import { call } from './request.ts';
import { readPage } from './rooms.ts';

/** A page of a room, oldest first, including unfinished replies; `next` is the page of older ones. */
export const listMessages = (roomId: number, path: string | null, signal: AbortSignal) =>
  readPage<Message>(path ?? `/chatroom/${roomId}/messages?include=pending&limit=50`, signal, 'prev');

export const readMessage = (roomId: number, id: number, signal?: AbortSignal) =>
  call<Message>('GET', `/chatroom/${roomId}/messages/${id}`, { ...(signal && { signal }) });

/**
 * Can be retried with the same key, content, files and parent: the question is accepted and charged once. With the parent of a
 * question it becomes a further version of that.
 */
export const sendMessage = (roomId: number, key: string, { content, files, parentId }: Asking) =>
  call<AcceptedMessage>('POST', `/chatroom/${roomId}/message`, {
    body: {
      content,
      ...(files.length > 0 && { attachment_ids: files }),
      ...(parentId !== undefined && { parent_id: parentId }),
    },
    headers: { 'idempotency-key': key },
  });

export const cancelReply = (roomId: number, replyId: number) =>
  call<{ id: number; status: string }>('POST', `/chatroom/${roomId}/messages/${replyId}/cancel`);

export const regenerateReply = (roomId: number, replyId: number, key: string) =>
  call<AcceptedMessage>('POST', `/chatroom/${roomId}/messages/${replyId}/regenerate`, {
    headers: { 'idempotency-key': key },
  });

/** Rates a reply; null removes its rating. */
export const rateReply = (roomId: number, replyId: number, rating: Rating | null) => {
  const path = `/chatroom/${roomId}/messages/${replyId}/feedback`;
  return rating === null ? call<void>('DELETE', path) : call<Message>('PUT', path, { body: { rating } });
};
