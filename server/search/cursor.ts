/** The opaque cursor of a search. */
import { ProblemError } from '../problems/problem.ts';
import type { SearchPosition } from './store.ts';

export function writeCursor({ newestId, last }: SearchPosition): string {
  return Buffer.from(JSON.stringify([newestId, last?.rank, last?.id])).toString('base64url');
}

/** Throws `validation_failed` for anything that `writeCursor` did not write. */
export function readCursor(cursor: string): SearchPosition {
  const [newestId, rank, id] = parse(cursor);
  const isId = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;
  if (!isId(newestId) || !isId(id) || typeof rank !== 'number' || !(rank >= 0 && rank <= 1000)) {
    throw new ProblemError('validation_failed', { errors: [{ pointer: '/query/cursor', sentence: 'cursor' }] });
  }
  return { newestId, last: { rank, id } };
}

function parse(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
