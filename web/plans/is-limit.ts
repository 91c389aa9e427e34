/** Refusals that a dialog explains. */
import type { ApiProblem } from '../api/problem.ts';

/** A limit of the plan that ends at a known time. */
export function isLimit({ code, problem }: ApiProblem): boolean {
  return (code === 'daily_limit_reached' || code === 'budget_reached') && problem.resets_at !== undefined;
}
