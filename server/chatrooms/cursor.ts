/** The opaque cursor of the list of rooms: a place in it, which remains when the room there is deleted. */
import { ProblemError } from '../problems/problem.ts';
import type { ChatroomPage, ListedRow } from './store.ts';

/** Where a page begins. */
export type Place = Pick<ChatroomPage, 'direction' | 'from'>;

export function writeCursor(direction: Place['direction'], { updatedAt, id }: ListedRow): string {
  return Buffer.from(JSON.stringify([direction, updatedAt.getTime(), id])).toString('base64url');
}

const latestMs = Date.UTC(9999, 0);

/** Throws `validation_failed` for anything that `writeCursor` did not write. */
export function readCursor(cursor: string): Place {
  const [direction, ms, id] = parse(cursor);
  const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;
  if ((direction !== 'older' && direction !== 'newer') || !isWhole(id) || !isWhole(ms) || ms > latestMs) {
    throw new ProblemError('validation_failed', { errors: [{ pointer: '/query/cursor', sentence: 'cursor' }] });
  }
  return { direction, from: { updatedAt: new Date(ms), id } };
}

function parse(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
