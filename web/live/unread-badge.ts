/** The number of unread answers on the icon of the installed app (Badging API), as far as rooms are loaded. */
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { Chatroom } from '../../contract/chatrooms.ts';
import type { Page } from '../api/rooms.ts';
import { keys } from '../app/keys.ts';

/** Keeps it in step with the cache; the returned function removes it. */
export function keepBadge(queries: QueryClient): () => void {
  if (!('setAppBadge' in navigator)) return () => {};
  let shown: number | null = null;

  function show(): void {
    const count = unreadIn(queries);
    if (count === shown) return;
    shown = count;
    // Refused where the app is not installed.
    void navigator.setAppBadge(count).catch(() => {});
  }

  show();
  const stop = queries.getQueryCache().subscribe(({ query, type }) => {
    if (type === 'updated' && query.queryKey[0] === 'rooms') show();
  });
  return () => {
    stop();
    void navigator.clearAppBadge().catch(() => {});
  };
}

function unreadIn(queries: QueryClient): number {
  const pages = queries.getQueryData<InfiniteData<Page<Chatroom>>>(keys.rooms)?.pages ?? [];
  const pinned = queries.getQueryData<Chatroom[]>(keys.pinned) ?? [];
  const rooms = new Map([...pages.flatMap(({ items }) => items), ...pinned].map((room) => [room.id, room.unread]));
  return [...rooms.values()].reduce((sum, unread) => sum + unread, 0);
}
