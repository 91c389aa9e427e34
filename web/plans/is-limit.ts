/** Refusals that a dialog explains. */
import type { ApiProblem } from '../api/problem.ts';

/** While only unfinished replies stand in the way, the server asks to wait for a minute at most. */
const soonSeconds = 60;

/** A limit of the plan that lasts until its day or month ends. */
export function isLimit({ code, retryAfterSeconds }: ApiProblem): boolean {
  return code === 'daily_limit_reached' || (code === 'budget_reached' && (retryAfterSeconds ?? Infinity) > soonSeconds);
}
