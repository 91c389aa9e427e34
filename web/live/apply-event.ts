/** Applies live events: streamed text to `LiveText`, everything else to the query cache. */
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { Chatroom } from '../../contract/chatrooms.ts';
import type { Message } from '../../contract/messages.ts';
import { readMessage } from '../api/messages.ts';
import type { Page } from '../api/rooms.ts';
import { keys } from '../app/keys.ts';
import type { LiveEvent } from './feed.ts';
import type { LiveText } from './live-text.ts';

type Pages<T> = InfiniteData<Page<T>, string | null>;

export interface LiveDeps {
  readonly queries: QueryClient;
  readonly text: LiveText;
}

export function applyEvent({ queries, text }: LiveDeps, event: LiveEvent): void {
  switch (event.type) {
    case 'message.created':
      text.start(event.reply.id, event.reply.attempt ?? 0, 'queued');
      addMessages(queries, event.chatroom_id, [event.message, event.reply]);
      return touchRoom(queries, event.chatroom_id, event.message.created_at);
    case 'reply.started':
      return text.start(event.message_id, event.attempt, 'thinking');
    case 'reply.delta':
      return applyDelta({ queries, text }, event);
    case 'reply.reset':
      return text.reset(event.message_id, event.attempt);
    case 'reply.completed':
    case 'reply.failed':
    case 'reply.cancelled':
      replaceMessage(queries, event.chatroom_id, event.message);
      return text.forget(event.message_id);
    case 'chatroom.created':
    case 'chatroom.updated':
      return putRoomFirst(queries, event.chatroom);
    case 'chatroom.deleted':
      return removeRoom(queries, event.chatroom_id);
    case 'quota.changed':
    case 'subscription.changed':
      void queries.invalidateQueries({ queryKey: keys.subscription });
      return;
    case 'feed.reset':
      void queries.invalidateQueries();
      return;
    default:
      // A newer server may send unknown types.
      return;
  }
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

/** Appends messages to a room, except those it already has. */
export function addMessages(queries: QueryClient, roomId: number, added: readonly Message[]): void {
  queries.setQueryData<Pages<Message>>(keys.messages(roomId), (data) => {
    const [newest, ...older] = data?.pages ?? [];
    if (!data || !newest) return data;
    const known = new Set(newest.items.map(({ id }) => id));
    const items = [...newest.items, ...added.filter(({ id }) => !known.has(id))].toSorted((a, b) => a.id - b.id);
    return { ...data, pages: [{ ...newest, items }, ...older] };
  });
}

function replaceMessage(queries: QueryClient, roomId: number, message: Message): void {
  queries.setQueryData<Pages<Message>>(keys.messages(roomId), (data) => {
    if (!data) return data;
    const replace = (one: Message) => (one.id === message.id ? message : one);
    return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(replace) })) };
  });
}

export function putRoomFirst(queries: QueryClient, room: Chatroom): void {
  queries.setQueryData(keys.room(room.id), room);
  queries.setQueryData<Pages<Chatroom>>(keys.rooms, (data) => {
    const [first, ...rest] = without(data, room.id)?.pages ?? [];
    if (!data || !first) return data;
    return { ...data, pages: [{ ...first, items: [room, ...first.items] }, ...rest] };
  });
}

export function removeRoom(queries: QueryClient, roomId: number): void {
  queries.setQueryData<Pages<Chatroom>>(keys.rooms, (data) => without(data, roomId));
  queries.removeQueries({ queryKey: keys.room(roomId) });
}

function touchRoom(queries: QueryClient, roomId: number, at: string): void {
  const rooms = queries.getQueryData<Pages<Chatroom>>(keys.rooms)?.pages.flatMap(({ items }) => items);
  const room = rooms?.find(({ id }) => id === roomId);
  if (room) putRoomFirst(queries, { ...room, updated_at: at });
  else void queries.invalidateQueries({ queryKey: keys.rooms });
}

function without(data: Pages<Chatroom> | undefined, roomId: number): Pages<Chatroom> | undefined {
  if (!data) return data;
  const keep = ({ id }: Chatroom) => id !== roomId;
  return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.filter(keep) })) };
}
