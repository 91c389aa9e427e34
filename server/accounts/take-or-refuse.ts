/** Limits of sign-in fail closed: what cannot be counted is refused. */
import type { LimitRule, Limits, LimitVerdict } from '../ports/limits.ts';
import { ProblemError } from '../problems/problem.ts';

const retryAfterMs = 2000;

/** Counts one use against every rule. Throws `service_unavailable` while the shared store is unavailable. */
export async function takeOrRefuse(limits: Limits, rules: readonly LimitRule[]): Promise<LimitVerdict> {
  try {
    return await limits.take(rules);
  } catch {
    // The Redis connection logs outages.
    throw new ProblemError('service_unavailable', { reason: 'limits', retryAfterMs });
  }
}
