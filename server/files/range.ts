/** One range of bytes (RFC 9110, section 14). */
import type { ByteRange } from '../ports/storage.ts';
import { ProblemError } from '../problems/problem.ts';

const single = /^bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))$/;

/**
 * The bytes that `Range` asks for; null for all of them, also where several are asked for or the header is none. Throws
 * `range_not_satisfiable` for a range that begins after the end.
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | null {
  const match = single.exec(header ?? '');
  if (match === null) return null;
  const [, first, last, suffix] = match;
  const start = first === undefined ? Math.max(0, size - Number(suffix)) : Number(first);
  const end = first === undefined || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== undefined && last !== '' && Number(last) < start) return null;
  if (start >= size || (suffix !== undefined && Number(suffix) === 0)) {
    throw new ProblemError('range_not_satisfiable', { headers: { 'content-range': `bytes */${size}` } });
  }
  return { start, end };
}
