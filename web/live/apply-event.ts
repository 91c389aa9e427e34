/** Applies live events: streamed text to `LiveText`, everything else to the query cache. */
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { Chatroom } from '../../contract/chatrooms.ts';
import type { Message } from '../../contract/messages.ts';
import { readMessage } from '../api/messages.ts';
import type { Page } from '../api/rooms.ts';
import { keys } from '../app/keys.ts';
import { endSession } from '../session/session.ts';
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
      countVersions(queries, event.chatroom_id, [event.message, event.reply]);
      readOvertakenAgain(queries, event.chatroom_id);
      return touchRoom(queries, event);
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
      readOvertakenAgain(queries, event.chatroom_id);
      return text.forget(event.message_id);
    case 'chatroom.created':
      return putRoomFirst(queries, event.chatroom);
    case 'chatroom.updated':
      changeRoom(queries, event.chatroom);
      return;
    case 'chatroom.deleted':
      return removeRoom(queries, event.chatroom_id);
    default:
      return applyAccountEvent(queries, event);
  }
}

/** What concerns no single room. */
function applyAccountEvent(queries: QueryClient, event: LiveEvent): void {
  switch (event.type) {
    case 'quota.changed':
    case 'subscription.changed':
      void queries.invalidateQueries({ queryKey: keys.subscription });
      return;
    case 'user.changed':
      if (event.what in keys) void queries.invalidateQueries({ queryKey: [event.what] });
      return;
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

/** Puts a question and its reply, just accepted, at the end of the path, in place of what followed their parent before. */
export function addMessages(queries: QueryClient, roomId: number, added: readonly Message[]): void {
  const data = queries.getQueryData<Pages<Message>>(keys.messages(roomId));
  const [newest, ...older] = data?.pages ?? [];
  if (!data || !newest) return;
  const known = new Set(newest.items.map(({ id }) => id));
  const fresh = added.filter(({ id }) => !known.has(id));
  if (fresh.length === 0) return;
  const parent = fresh[0]!.parent_id;
  const end = parent === null ? 0 : newest.items.findIndex(({ id }) => id === parent) + 1;
  // It follows a message of an older page, or of a path that is not here.
  if (end === 0 && (parent !== null || older.length > 0)) return readPathAgain(queries, roomId);
  const items = [...newest.items.slice(0, end), ...fresh];
  queries.setQueryData<Pages<Message>>(keys.messages(roomId), { ...data, pages: [{ ...newest, items }, ...older] });
}

function readPathAgain(queries: QueryClient, roomId: number): void {
  void queries.invalidateQueries({ queryKey: keys.messages(roomId) });
}

/** Messages that are being read may be from before an event, and would undo it when they arrive. */
function readOvertakenAgain(queries: QueryClient, roomId: number): void {
  const queryKey = keys.messages(roomId);
  if (queries.isFetching({ queryKey }) === 0) return;
  // The first read of a room is not replaced by another one unless it is cancelled.
  void queries.cancelQueries({ queryKey }).then(() => queries.invalidateQueries({ queryKey }));
}

/** The response to a send does not tell the versions beside it; its event does. */
function countVersions(queries: QueryClient, roomId: number, created: readonly Message[]): void {
  for (const { id, versions } of created) {
    changeMessage(queries, roomId, id, (message) => ({ ...message, versions }));
  }
}

function replaceMessage(queries: QueryClient, roomId: number, message: Message): void {
  changeMessage(queries, roomId, message.id, () => message);
}

function changeMessage(queries: QueryClient, roomId: number, id: number, change: (message: Message) => Message): void {
  queries.setQueryData<Pages<Message>>(keys.messages(roomId), (data) => {
    if (!data) return data;
    const replace = (one: Message) => (one.id === id ? change(one) : one);
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
  removeFromList(queries, roomId);
  queries.removeQueries({ queryKey: keys.room(roomId) });
}

function removeFromList(queries: QueryClient, roomId: number): void {
  queries.setQueryData<Pages<Chatroom>>(keys.rooms, (data) => without(data, roomId));
}

/** A change of the room itself. Only activity moves it up, and another end of its path means other messages. */
export function changeRoom(queries: QueryClient, room: Chatroom): void {
  const pages = queries.getQueryData<Pages<Message>>(keys.messages(room.id))?.pages;
  const end = pages?.[0]?.items.at(-1)?.id;
  if (end !== undefined && end !== room.head_id) readPathAgain(queries, room.id);
  const known = knownRoom(queries, room.id);
  if (room.archived && known) removeFromList(queries, room.id);
  if (room.archived || !known) {
    queries.setQueryData(keys.room(room.id), room);
    // It may belong into the list, where only the server knows.
    if (!room.archived) void queries.invalidateQueries({ queryKey: keys.rooms });
    return;
  }
  if (known.updated_at !== room.updated_at) return putRoomFirst(queries, room);
  queries.setQueryData(keys.room(room.id), room);
  queries.setQueryData<Pages<Chatroom>>(keys.rooms, (data) => {
    if (!data) return data;
    const replace = (one: Chatroom) => (one.id === room.id ? room : one);
    return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(replace) })) };
  });
}

function touchRoom(queries: QueryClient, event: Extract<LiveEvent, { type: 'message.created' }>): void {
  const { chatroom_id: id, head_id, updated_at } = event;
  const room = knownRoom(queries, id);
  if (room) putRoomFirst(queries, { ...room, head_id, updated_at });
  else {
    // It may have been archived until now.
    void queries.invalidateQueries({ queryKey: keys.rooms });
    void queries.invalidateQueries({ queryKey: keys.room(id), exact: true });
  }
}

function knownRoom(queries: QueryClient, roomId: number): Chatroom | undefined {
  const rooms = queries.getQueryData<Pages<Chatroom>>(keys.rooms)?.pages.flatMap(({ items }) => items);
  return rooms?.find(({ id }) => id === roomId);
}

function without(data: Pages<Chatroom> | undefined, roomId: number): Pages<Chatroom> | undefined {
  if (!data) return data;
  const keep = ({ id }: Chatroom) => id !== roomId;
  return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.filter(keep) })) };
}
