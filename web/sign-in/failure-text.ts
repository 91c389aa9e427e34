/** Why signing in failed, in the server's words. */
import { ApiProblem } from '../api/problem.ts';
import type { Text } from '../languages/text.ts';

export function failureText(error: unknown, text: Text): string {
  if (!(error instanceof ApiProblem)) return text('notice.away');
  // The server's sentence, in the language shown: how many guesses are left, or until when to wait.
  return error.message || text('sign-in.failed');
}
