/** Rate limits of accounts: decided in this process, and reported to the shared store in the background. */
import type { Rate } from '../../contract/endpoint.ts';
import type { Limits } from '../ports/limits.ts';
import { ProblemError } from '../problems/problem.ts';

const minuteMs = 60_000;
/** Below this share of its rate an account is counted in this process only, so that most requests do not reach the shared store. */
const unsharedShare = 0.1;

/** Requests a minute; 0 = no limit. */
export type RatesPerMinute = Readonly<Record<Rate, number>>;

interface Window {
  used: number;
  endsAtMs: number;
}

/** Counts one request against each rate. Throws `too_many_requests`, counting nothing, when one is exceeded. Synchronous. */
export type CountUse = (userId: number, rates: readonly Rate[]) => void;

/**
 * With several processes an account can exceed its rate by a tenth for each further process: see docs/decisions. While
 * the shared store is unavailable each process uses its own count.
 */
export function accountRates(limits: Limits, perMinute: RatesPerMinute): CountUse {
  const windows = new Map<string, Window>();
  let nextPurgeMs = 0;

  function purge(nowMs: number): void {
    if (nowMs < nextPurgeMs) return;
    nextPurgeMs = nowMs + minuteMs;
    for (const [key, window] of windows) if (window.endsAtMs <= nowMs) windows.delete(key);
  }

  function windowOf(key: string, nowMs: number): Window {
    const known = windows.get(key);
    if (known && known.endsAtMs > nowMs) return known;
    const window = { used: 0, endsAtMs: nowMs + minuteMs };
    windows.set(key, window);
    return window;
  }

  async function share(key: string, window: Window, limit: number): Promise<void> {
    try {
      const verdict = await limits.take([{ key: `account:${key}`, limit, windowMs: minuteMs }]);
      if (verdict.allowed) return;
      window.used = Number.POSITIVE_INFINITY;
      window.endsAtMs = performance.now() + verdict.retryAfterMs;
    } catch {
      // The Redis connection logs outages. The count of this process still applies.
    }
  }

  return (userId, rates) => {
    const nowMs = performance.now();
    purge(nowMs);
    const counted = rates
      .filter((rate) => perMinute[rate] > 0)
      .map((rate) => ({ key: `${rate}:${userId}`, limit: perMinute[rate] }))
      .map(({ key, limit }) => ({ key, limit, window: windowOf(key, nowMs) }));
    const full = counted.find(({ window, limit }) => window.used >= limit);
    if (full) throw tooMany(full.window.endsAtMs - nowMs);
    for (const { key, limit, window } of counted) {
      window.used += 1;
      const unshared = Math.ceil(limit * unsharedShare);
      if (window.used > unshared) void share(key, window, limit - unshared);
    }
  };
}

function tooMany(retryAfterMs: number): ProblemError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return new ProblemError('too_many_requests', { reason: 'minute', values: { seconds }, retryAfterMs });
}
