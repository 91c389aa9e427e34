/** Limits fail closed: what cannot be counted is not allowed. */
import type { LimitRule, Limits, LimitVerdict } from '../ports/limits.ts';
import { ProblemError } from '../problem.ts';

const retryAfterMs = 2000;

/** Counts one use against every rule; throws `service_unavailable` while the store of limits is away. */
export async function takeOrRefuse(limits: Limits, rules: readonly LimitRule[]): Promise<LimitVerdict> {
  try {
    return await limits.take(rules);
  } catch {
    // The link to the store logs its outages.
    throw new ProblemError('service_unavailable', 'This cannot be counted right now; try again in a moment.', {
      retryAfterMs,
    });
  }
}
