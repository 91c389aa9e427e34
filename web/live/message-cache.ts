/** Messages in the query cache: the path of each room that was opened, in pages, newest page first. */
import type { InfiniteData, Query, QueryClient } from '@tanstack/react-query';
import type { Message } from '../../contract/messages.ts';
import type { Page } from '../api/rooms.ts';
import { keys } from '../app/keys.ts';

type Pages = InfiniteData<Page<Message>, string | null>;

/** Puts a question and its reply, just accepted, at the end of the path, instead of the previous messages after their parent. */
export function addMessages(queries: QueryClient, roomId: number, added: readonly Message[]): void {
  const data = queries.getQueryData<Pages>(keys.messages(roomId));
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
  queries.setQueryData<Pages>(keys.messages(roomId), { ...data, pages: [{ ...newest, items }, ...older] });
}

export function readPathAgain(queries: QueryClient, roomId: number): void {
  void queries.invalidateQueries({ queryKey: keys.messages(roomId) });
}

/** Messages that are being read may be from before an event, and would undo it when they arrive. */
export function readOvertakenAgain(queries: QueryClient, roomId: number): void {
  const queryKey = keys.messages(roomId);
  if (queries.isFetching({ queryKey }) === 0) return;
  // The first read of a room is not replaced by another one unless it is cancelled.
  void queries.cancelQueries({ queryKey }).then(() => queries.invalidateQueries({ queryKey }));
}

/** For a feed that has just opened: rooms and messages read before may lack an event that the feed does not have either. */
export function readAgainOnceRead(queries: QueryClient): void {
  const isOlder = ({ queryKey: [kind, , part] }: Query) => kind === 'rooms' || part === 'messages';
  for (const { promise, queryKey } of queries.getQueryCache().findAll({ predicate: isOlder })) {
    // The first read is shown, not cancelled.
    void Promise.allSettled([promise]).then(() => queries.invalidateQueries({ queryKey, exact: true }));
  }
}

/** The end of the cached path; undefined if the room was not opened. */
export function endOfPath(queries: QueryClient, roomId: number): number | undefined {
  return queries.getQueryData<Pages>(keys.messages(roomId))?.pages[0]?.items.at(-1)?.id;
}

export function replaceMessage(queries: QueryClient, roomId: number, message: Message): void {
  changeMessage(queries, roomId, message.id, message);
}

/** Changes what `change` names. */
export function changeMessage(queries: QueryClient, roomId: number, id: number, change: Partial<Message>): void {
  queries.setQueryData<Pages>(keys.messages(roomId), (data) => {
    if (!data) return data;
    const replace = (one: Message) => (one.id === id ? { ...one, ...change } : one);
    return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(replace) })) };
  });
}
