/** How long a failed attempt waits before the next. */

/** Each may cost the operator money, so there is a limit whatever went wrong. */
export const mostAttempts = 5;

const firstMs = 500;
const longestMs = 30_000;
/** Few attempts should still outlast a short outage of the vendor. */
const factor = 4;

/**
 * Exponential from half a second to half a minute with full jitter in its upper half, never less than what the vendor
 * asked for. `attempt` counts from 1; `random` gives 0 ≤ r < 1.
 */
export function retryDelayMs(attempt: number, retryAfterMs: number | null, random: () => number = Math.random): number {
  const ceiling = Math.min(longestMs, firstMs * factor ** Math.min(attempt - 1, 10));
  return Math.max(ceiling / 2 + (random() * ceiling) / 2, retryAfterMs ?? 0);
}
