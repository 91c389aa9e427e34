/** The opaque cursor of the list of rooms: a place in it, which remains when the room there is deleted. */
import { decodeCursor, encodeCursor, invalidCursor } from '../http/cursor.ts';
import type { ChatroomPage, ListedRow } from './store.ts';

/** Where a page begins. */
export type Place = Pick<ChatroomPage, 'direction' | 'from'>;

export function writeCursor(direction: Place['direction'], { updatedAt, id }: ListedRow): string {
  return encodeCursor([direction, updatedAt.getTime(), id]);
}

const latestMs = Date.UTC(9999, 0);

/** Throws `validation_failed` for anything that `writeCursor` did not write. */
export function readCursor(cursor: string): Place {
  const [direction, ms, id] = decodeCursor(cursor);
  const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;
  if ((direction !== 'older' && direction !== 'newer') || !isWhole(id) || !isWhole(ms) || ms > latestMs) {
    throw invalidCursor();
  }
  return { direction, from: { updatedAt: new Date(ms), id } };
}
