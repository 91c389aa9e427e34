/** The delay before a failed attempt is retried. */

/** Limited for every kind of failure, because each attempt may cost the operator money. */
export const mostAttempts = 5;

const firstMs = 500;
const longestMs = 30_000;
/** So that a few attempts outlast a short outage of the vendor. */
const factor = 4;

/**
 * Exponential from 0.5 to 30 seconds with jitter in the upper half, never less than the vendor's Retry-After. `attempt` counts
 * from 1; `random` returns 0 ≤ r < 1.
 */
export function retryDelayMs(attempt: number, retryAfterMs: number | null, random: () => number = Math.random): number {
  const ceiling = Math.min(longestMs, firstMs * factor ** Math.min(attempt - 1, 10));
  return Math.max(ceiling / 2 + (random() * ceiling) / 2, retryAfterMs ?? 0);
}
