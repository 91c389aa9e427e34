/** What a plan allows today, and how it is said in headers, events and refusals. */
import type { FeedEvent } from '../../contract/events.ts';
import { ProblemError } from '../problem.ts';

/** When the running UTC day ends, by the database's clock; ours may be wrong. */
export interface DayEnd {
  readonly resetsAt: Date;
  readonly resetsInMs: number;
}

export interface Quota extends DayEnd {
  /** Null = unlimited. */
  readonly limit: number | null;
  readonly used: number;
}

export function quotaOf(plan: { tier: 'Basic' | 'Pro' } & DayEnd, used: number, basicDailyLimit: number): Quota {
  const { tier, resetsAt, resetsInMs } = plan;
  return { limit: tier === 'Pro' ? null : basicDailyLimit, used, resetsAt, resetsInMs };
}

/** Messages left today; null = unlimited. After a downgrade more may be used than the limit allows: then 0. */
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

/** The refusal of a message past the limit: until when, and how to go on today. */
export function dailyLimitReached(quota: Quota): ProblemError {
  const resetsAt = quota.resetsAt.toISOString();
  return new ProblemError(
    'daily_limit_reached',
    `You have used your ${quota.limit} messages of today. They come back at ${resetsAt}; Pro has no limit.`,
    {
      retryAfterMs: quota.resetsInMs,
      headers: rateLimitHeaders(quota),
      members: { resets_at: resetsAt, upgrade_url: '/subscribe/pro' },
    },
  );
}
