/** Tells the server which answers were seen, so that no device shows them as unread. */
import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { Chatroom } from '../../contract/chatrooms.ts';
import type { Message } from '../../contract/messages.ts';
import { patchRoom } from '../api/rooms.ts';
import { queries } from '../app/queries.ts';
import { isUnfinished } from '../live/apply-event.ts';
import { changeRoom, setUnread } from '../live/room-cache.ts';
import { watchRoom } from '../live/watched-room.ts';

const subscribe = (listener: () => void) => {
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
};

/** Marks the answers of the room that is shown as read while the tab is visible. */
export function useMarkRead(room: Chatroom | undefined, messages: readonly Message[]): void {
  const visible = useSyncExternalStore(subscribe, () => document.visibilityState === 'visible');
  const id = room?.id;
  const unread = room?.unread ?? 0;
  const newest = messages.filter((message) => !message.is_from_user && !isUnfinished(message)).at(-1)?.id ?? 0;
  /** The newest answer of which the server knows that it was seen. */
  const told = useRef<number | null>(null);

  useEffect(() => (visible && id !== undefined ? watchRoom(id) : undefined), [visible, id]);
  useEffect(() => {
    if (!visible || id === undefined || newest === 0) return;
    // Unread answers of another branch remain, so their number alone is a reason once.
    const isNews = told.current === null ? unread > 0 : newest > told.current;
    told.current = Math.max(told.current ?? 0, newest);
    if (!isNews) return;
    setUnread(queries, id, 0);
    // A failure leaves a mark that the next visit removes.
    void patchRoom(id, { read_id: newest }).then(
      (changed) => changeRoom(queries, changed),
      () => {},
    );
  }, [visible, id, unread, newest]);
}
