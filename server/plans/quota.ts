/** The daily quota, and how headers, events and refusals report it. */
import type { FeedEvent } from '../../contract/events.ts';
import type { Tier } from '../../contract/plans.ts';
import type { Plans } from '../config/catalog.ts';
import { ProblemError } from '../problems/problem.ts';

/** End of the current UTC day by the database's clock. */
export interface DayEnd {
  readonly resetsAt: Date;
  readonly resetsInMs: number;
}

export interface Quota extends DayEnd {
  /** Null = unlimited. */
  readonly limit: number | null;
  readonly used: number;
}

export function quotaOf(account: { tier: Tier } & DayEnd, used: number, plans: Plans): Quota {
  const { tier, resetsAt, resetsInMs } = account;
  return { limit: plans.of(tier).dailyMessages, used, resetsAt, resetsInMs };
}

/** Messages left today; null = unlimited. 0 when a downgrade left more used than the limit. */
export function remaining({ limit, used }: Quota): number | null {
  return limit === null ? null : Math.max(0, limit - used);
}

/** `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10); none for an unlimited plan. */
export function rateLimitHeaders(quota: Quota): Record<string, string> {
  if (quota.limit === null) return {};
  return {
    'ratelimit-policy': `"daily";q=${quota.limit};w=86400`,
    ratelimit: `"daily";r=${remaining(quota)};t=${Math.ceil(quota.resetsInMs / 1000)}`,
  };
}

export function quotaChanged(quota: Quota): FeedEvent {
  return {
    type: 'quota.changed',
    daily_limit: quota.limit,
    messages_used_today: quota.used,
    remaining_today: remaining(quota),
    resets_at: quota.resetsAt.toISOString(),
  };
}

/** The refusal of a message past the daily limit, with the reset time and the way to upgrade. */
export function dailyLimitReached(quota: Quota): ProblemError {
  const resetsAt = quota.resetsAt.toISOString();
  return new ProblemError('daily_limit_reached', {
    values: { limit: quota.limit ?? 0, time: resetsAt },
    retryAfterMs: quota.resetsInMs,
    headers: rateLimitHeaders(quota),
    members: { resets_at: resetsAt, upgrade_url: '/subscribe/pro' },
  });
}
