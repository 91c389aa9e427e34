/** Hourly limits of one client address for operations of sign-in. */
import type { Limits } from '../ports/limits.ts';
import { ProblemError } from '../problems/problem.ts';
import { addressRules } from './code-limits.ts';
import type { Keys } from './keys.ts';
import { takeOrRefuse } from './take-or-refuse.ts';

export interface FloodDeps {
  readonly limits: Limits;
  readonly keys: Keys;
}

/** Counts one use by the address. Throws `too_many_requests` past `limit` an hour; 0 = off. */
export async function refuseFloods(deps: FloodDeps, what: string, address: string, limit: number): Promise<void> {
  const rules = addressRules(deps.keys, what, address, limit);
  if (rules.length === 0) return;
  const verdict = await takeOrRefuse(deps.limits, rules);
  if (!verdict.allowed) {
    throw new ProblemError('too_many_requests', { reason: 'address', retryAfterMs: verdict.retryAfterMs });
  }
}
