/** Deletes a room, with undo. */
import { queries } from '../app/queries.ts';
import { keys } from '../app/keys.ts';
import { deleteRoom } from '../api/rooms.ts';
import { removeRoom } from '../live/room-cache.ts';
import { text } from '../languages/text.ts';
import { deleteLater, isBeingDeleted as isWaiting } from '../ui/delete-later.ts';

/** Names the deletion of a room in `isBeingDeleted` of `delete-later.ts`. */
export const deletionKey = (roomId: number) => `room ${roomId}`;

/** True while a room is hidden, but not yet deleted on the server. */
export function isBeingDeleted(roomId: number): boolean {
  return isWaiting(deletionKey(roomId));
}

/** Hides the room at once and offers to undo. */
export function deleteWithUndo(roomId: number): void {
  deleteLater({
    key: deletionKey(roomId),
    message: text('room.deleted'),
    failure: text('room.delete-failed'),
    carryOut: (options) => deleteRoom(roomId, options),
    onKept: () => void queries.invalidateQueries({ queryKey: keys.rooms }),
  });
  removeRoom(queries, roomId);
}
