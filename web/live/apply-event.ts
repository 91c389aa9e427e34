/** Applies live events: streamed text to `LiveText`, everything else to the query cache. */
import type { QueryClient } from '@tanstack/react-query';
import type { Message } from '../../contract/messages.ts';
import { readMessage } from '../api/messages.ts';
import { keys } from '../app/keys.ts';
import { endSession } from '../session/session.ts';
import type { LiveEvent } from './live-event.ts';
import type { LiveText } from './live-text.ts';
import { isWatched } from './watched-room.ts';
import { addMessages, changeMessage, readOvertakenAgain, replaceMessage } from './message-cache.ts';
import { changeRoom, countUnread, putRoomFirst, removeRoom, touchRoom } from './room-cache.ts';

export interface LiveDeps {
  readonly queries: QueryClient;
  readonly text: LiveText;
}

export function applyEvent({ queries, text }: LiveDeps, event: LiveEvent): void {
  switch (event.type) {
    case 'message.created':
      return applyCreated({ queries, text }, event);
    case 'reply.started': {
      const { model, fallback_from } = event;
      changeMessage(queries, event.chatroom_id, event.message_id, { model, fallback_from });
      return text.start(event.message_id, event.attempt, 'thinking');
    }
    case 'reply.delta':
      return applyDelta({ queries, text }, event);
    case 'reply.reset':
      return text.reset(event.message_id, event.attempt);
    case 'reply.failed':
    case 'reply.completed':
    case 'reply.cancelled':
      return finish({ queries, text }, event);
    case 'message.updated': {
      const { feedback, versions } = event;
      changeMessage(queries, event.chatroom_id, event.message_id, { feedback, versions });
      return readOvertakenAgain(queries, event.chatroom_id);
    }
    case 'chatroom.created':
      return putRoomFirst(queries, event.chatroom);
    case 'chatroom.updated':
      return changeRoom(queries, event.chatroom);
    case 'chatroom.deleted':
      return removeRoom(queries, event.chatroom_id);
    default:
      return applyAccountEvent(queries, event);
  }
}

function applyCreated({ queries, text }: LiveDeps, event: Extract<LiveEvent, { type: 'message.created' }>): void {
  const { chatroom_id: roomId, message, reply } = event;
  text.start(reply.id, reply.attempt ?? 0, 'queued');
  addMessages(queries, roomId, [message, reply]);
  // The response to a send does not tell the versions beside it.
  for (const { id, versions } of [message, reply]) changeMessage(queries, roomId, id, { versions });
  readOvertakenAgain(queries, roomId);
  touchRoom(queries, event);
}

/** What concerns no single room. */
function applyAccountEvent(queries: QueryClient, event: LiveEvent): void {
  switch (event.type) {
    case 'subscription.changed':
      void queries.invalidateQueries({ queryKey: keys.models });
      return void queries.invalidateQueries({ queryKey: keys.subscription });
    case 'quota.changed':
      void queries.invalidateQueries({ queryKey: keys.subscription });
      return;
    case 'user.changed':
      if (event.what === 'role') void queries.invalidateQueries({ queryKey: keys.me });
      if (event.what in keys) void queries.invalidateQueries({ queryKey: [event.what] });
      return;
    case 'upload.updated':
      void queries.invalidateQueries({ queryKey: keys.storage });
      return void queries.invalidateQueries({ queryKey: keys.uploads });
    case 'session.ended':
      return endSession(event.reason === 'account_deleted' ? event.reason : 'signed_out');
    case 'feed.reset':
      void queries.invalidateQueries();
      return;
    default:
      // A newer server may send unknown types.
      return;
  }
}

type Finished = Extract<LiveEvent, { type: 'reply.completed' | 'reply.failed' | 'reply.cancelled' }>;

function finish({ queries, text }: LiveDeps, { chatroom_id, message_id, message }: Finished): void {
  replaceMessage(queries, chatroom_id, message);
  readOvertakenAgain(queries, chatroom_id);
  if (!isWatched(chatroom_id)) countUnread(queries, chatroom_id);
  text.forget(message_id);
}

function applyDelta(deps: LiveDeps, event: Extract<LiveEvent, { type: 'reply.delta' }>): void {
  const applied = deps.text.append(event.message_id, event.attempt, event.offset, event.text);
  if (applied === 'gap') void readAgain(deps, event.chatroom_id, event.message_id);
}

/** Reads a reply again after a gap in its deltas; newer deltas that arrive meanwhile are kept. */
async function readAgain({ queries, text }: LiveDeps, roomId: number, messageId: number): Promise<void> {
  const message = await readMessage(roomId, messageId).catch(() => null);
  if (message === null) return;
  if (isUnfinished(message)) text.replace(messageId, message.attempt ?? 0, message.content);
  else replaceMessage(queries, roomId, message);
}

export function isUnfinished({ status }: Pick<Message, 'status'>): boolean {
  return status === 'queued' || status === 'generating';
}
