/** Deletes a room after the undo period, or when the tab closes before that. */
import { queries } from '../app/queries.ts';
import { keys } from '../app/keys.ts';
import { deleteRoom } from '../api/rooms.ts';
import { removeRoom } from '../live/apply-event.ts';
import { text } from '../languages/text.ts';
import { showToast } from '../ui/toast.tsx';

const undoMs = 6000;
const waiting = new Map<number, ReturnType<typeof setTimeout>>();

/** True while a room is hidden, but not yet deleted on the server. */
export function isBeingDeleted(roomId: number): boolean {
  return waiting.has(roomId);
}

/** Hides the room at once and offers to undo. */
export function deleteWithUndo(roomId: number): void {
  removeRoom(queries, roomId);
  const timer = setTimeout(() => void commit(roomId, false), undoMs);
  waiting.set(roomId, timer);
  showToast({
    message: text('room.deleted'),
    action: {
      label: text('undo'),
      run() {
        clearTimeout(timer);
        waiting.delete(roomId);
        void queries.invalidateQueries({ queryKey: keys.rooms });
      },
    },
  });
}

async function commit(roomId: number, keepalive: boolean): Promise<void> {
  if (!waiting.delete(roomId)) return;
  showToast(null);
  try {
    await deleteRoom(roomId, { keepalive });
  } catch {
    showToast({ message: text('room.delete-failed') });
    void queries.invalidateQueries({ queryKey: keys.rooms });
  }
}

addEventListener('pagehide', () => {
  for (const roomId of waiting.keys()) void commit(roomId, true);
});
