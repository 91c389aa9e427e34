/** The opaque cursor of a search. */
import { decodeCursor, encodeCursor, invalidCursor } from '../http/cursor.ts';
import type { SearchPosition } from './store.ts';

export function writeCursor({ newestId, last }: SearchPosition): string {
  return encodeCursor([newestId, last?.rank, last?.id]);
}

/** Throws `validation_failed` for anything that `writeCursor` did not write. */
export function readCursor(cursor: string): SearchPosition {
  const [newestId, rank, id] = decodeCursor(cursor);
  const isId = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;
  if (!isId(newestId) || !isId(id) || typeof rank !== 'number' || !(rank >= 0 && rank <= 1000)) {
    throw invalidCursor();
  }
  return { newestId, last: { rank, id } };
}
