/** Opaque cursors of lists: a few values as JSON in base64url. What they mean is checked by the list. */
import { ProblemError } from '../problems/problem.ts';

export function encodeCursor(values: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** The values; none for anything that `encodeCursor` did not write. */
export function decodeCursor(cursor: string): unknown[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(values) ? values : [];
  } catch {
    return [];
  }
}

/** The answer to a cursor that its list did not make. */
export function invalidCursor(): ProblemError {
  return new ProblemError('validation_failed', { errors: [{ pointer: '/query/cursor', sentence: 'cursor' }] });
}
