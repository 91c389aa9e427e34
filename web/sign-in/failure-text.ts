/** The message for a failed sign-in, from the server. */
import { ApiProblem } from '../api/problem.ts';
import type { Text } from '../languages/text.ts';

export function failureText(error: unknown, text: Text): string {
  if (!(error instanceof ApiProblem)) return text('notice.away');
  // The server's translated sentence has the remaining guesses or the time to wait.
  return error.message || text('sign-in.failed');
}
