/** Rooms in the query cache: single ones, and the lists of recent, pinned and archived ones. */
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { Chatroom } from '../../contract/chatrooms.ts';
import type { Page } from '../api/rooms.ts';
import { keys } from '../app/keys.ts';
import { endOfPath, readPathAgain } from './message-cache.ts';

type Pages = InfiniteData<Page<Chatroom>, string | null>;

/** A room with new activity. */
export function putRoomFirst(queries: QueryClient, room: Chatroom): void {
  queries.setQueryData(keys.room(room.id), room);
  queries.setQueryData<Pages>(keys.rooms, (data) => {
    const [first, ...rest] = without(data, room.id)?.pages ?? [];
    if (!data || !first) return data;
    return { ...data, pages: [{ ...first, items: [room, ...first.items] }, ...rest] };
  });
  putAmongPinned(queries, room);
}

export function removeRoom(queries: QueryClient, roomId: number): void {
  for (const list of [keys.rooms, keys.archived]) {
    queries.setQueryData<Pages>(list, (data) => without(data, roomId));
  }
  queries.setQueryData<Chatroom[]>(keys.pinned, (rooms) => rooms?.filter(({ id }) => id !== roomId));
  queries.removeQueries({ queryKey: keys.room(roomId) });
}

/** A change of the room itself. Only activity moves it up, and another end of its path means other messages. */
export function changeRoom(queries: QueryClient, room: Chatroom): void {
  const end = endOfPath(queries, room.id);
  if (end !== undefined && end !== room.head_id) readPathAgain(queries, room.id);
  const known = knownRoom(queries, room.id);
  if (known && !room.archived && known.updated_at !== room.updated_at) return putRoomFirst(queries, room);
  queries.setQueryData(keys.room(room.id), room);
  putAmongPinned(queries, room);
  putAmongArchived(queries, room);
  queries.setQueryData<Pages>(keys.rooms, (data) => (room.archived ? without(data, room.id) : replaced(data, room)));
  // It may belong into the list, where only the server knows.
  if (!room.archived && !known) void queries.invalidateQueries({ queryKey: keys.rooms, exact: true });
}

/** Activity in a room of which only this is known. */
export function touchRoom(
  queries: QueryClient,
  { chatroom_id: id, head_id, updated_at }: { chatroom_id: number; head_id: number; updated_at: string },
): void {
  const room = knownRoom(queries, id);
  if (room) return putRoomFirst(queries, { ...room, head_id, updated_at });
  // It may have been archived until now.
  void queries.invalidateQueries({ queryKey: keys.rooms });
  void queries.invalidateQueries({ queryKey: keys.room(id), exact: true });
}

/** An answer has finished that nobody looks at here. */
export function countUnread(queries: QueryClient, roomId: number): void {
  const room = knownRoom(queries, roomId);
  if (room) setUnread(queries, roomId, room.unread + 1);
}

export function setUnread(queries: QueryClient, roomId: number, unread: number): void {
  const change = (room: Chatroom) => (room.id === roomId ? { ...room, unread } : room);
  queries.setQueryData<Chatroom>(keys.room(roomId), (room) => room && change(room));
  queries.setQueryData<Chatroom[]>(keys.pinned, (rooms) => rooms?.map(change));
  queries.setQueryData<Pages>(
    keys.rooms,
    (data) => data && { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(change) })) },
  );
}

function putAmongPinned(queries: QueryClient, room: Chatroom): void {
  queries.setQueryData<Chatroom[]>(keys.pinned, (rooms) => {
    const others = rooms?.filter(({ id }) => id !== room.id);
    if (!others || !room.pinned || room.archived) return others;
    return [...others, room].toSorted((a, b) => b.updated_at.localeCompare(a.updated_at));
  });
}

function putAmongArchived(queries: QueryClient, room: Chatroom): void {
  const data = queries.getQueryData<Pages>(keys.archived);
  if (!data) return;
  const isThere = data.pages.some(({ items }) => items.some(({ id }) => id === room.id));
  if (!room.archived) queries.setQueryData<Pages>(keys.archived, without(data, room.id));
  else if (isThere) queries.setQueryData<Pages>(keys.archived, replaced(data, room));
  else void queries.invalidateQueries({ queryKey: keys.archived });
}

function knownRoom(queries: QueryClient, roomId: number): Chatroom | undefined {
  const rooms = queries.getQueryData<Pages>(keys.rooms)?.pages.flatMap(({ items }) => items) ?? [];
  const pinned = queries.getQueryData<Chatroom[]>(keys.pinned) ?? [];
  return [...rooms, ...pinned].find(({ id }) => id === roomId);
}

function replaced(data: Pages | undefined, room: Chatroom): Pages | undefined {
  if (!data) return data;
  const replace = (one: Chatroom) => (one.id === room.id ? room : one);
  return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(replace) })) };
}

function without(data: Pages | undefined, roomId: number): Pages | undefined {
  if (!data) return data;
  const keep = ({ id }: Chatroom) => id !== roomId;
  return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.filter(keep) })) };
}
