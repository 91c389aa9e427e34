/** Each failure of signing in, in its own words. */
import { ApiProblem } from '../api/problem.ts';
import type { Text } from '../languages/text.ts';

export function failureText(error: unknown, text: Text): string {
  if (!(error instanceof ApiProblem)) return text('notice.away');
  if (error.code === 'validation_failed') return text('sign-in.bad-number');
  // The server's sentence says how many guesses are left, or until when to wait.
  return error.message || text('sign-in.failed');
}
