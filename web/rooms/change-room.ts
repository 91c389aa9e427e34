/** Pins and archives rooms. */
import { patchRoom } from '../api/rooms.ts';
import { queries } from '../app/queries.ts';
import { text } from '../languages/text.ts';
import { changeRoom } from '../live/room-cache.ts';
import { showToast } from '../ui/toast.tsx';

/** Changes the room on the server, then in the cache. Shows an error if that fails. */
export async function mark(
  roomId: number,
  change: { readonly pinned?: boolean; readonly archived?: boolean },
): Promise<boolean> {
  try {
    changeRoom(queries, await patchRoom(roomId, change));
    return true;
  } catch {
    showToast({ message: text('room.change-failed') });
    return false;
  }
}

/** Archives a room, and offers to undo that. */
export async function archive(roomId: number): Promise<void> {
  if (!(await mark(roomId, { archived: true }))) return;
  showToast({
    message: text('room.archived'),
    action: { label: text('undo'), run: () => void mark(roomId, { archived: false }) },
  });
}
