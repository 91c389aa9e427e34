/** The daily quota, and how headers, events and refusals report it. */
import type { FeedEvent } from '../../contract/events.ts';
import type { Tier } from '../../contract/plans.ts';
import type { Plan, Plans } from '../config/catalog.ts';
import { ProblemError } from '../problems/problem.ts';

/** End of the current UTC day by the database's clock. */
export interface DayEnd {
  readonly resetsAt: Date;
  readonly resetsInMs: number;
}

/** Of the current UTC calendar month, in micro-dollars. */
export interface Spending {
  readonly spentMicros: number;
  /** The most that unfinished replies may cost. */
  readonly reservedMicros: number;
}

export interface Budget {
  /** Reserves included; 100 and no more once it is spent. */
  readonly usedPercent: number;
  readonly resetsAt: Date;
}

export interface Quota extends DayEnd {
  readonly tier: Tier;
  /** Of the plan's monthly cost; null = unlimited. */
  readonly budget: Budget | null;
  /** Null = unlimited. */
  readonly limit: number | null;
  readonly used: number;
}

export function quotaOf(account: { tier: Tier } & DayEnd & Spending, used: number, plans: Plans): Quota {
  const { tier, resetsAt, resetsInMs } = account;
  const { dailyMessages, monthlyCostMicros } = plans.of(tier);
  const budget = monthlyCostMicros === null ? null : budgetOf(account, monthlyCostMicros);
  return { tier, limit: dailyMessages, used, resetsAt, resetsInMs, budget };
}

function budgetOf({ spentMicros, reservedMicros, resetsAt }: DayEnd & Spending, costMicros: number): Budget {
  const spent = spentMicros + reservedMicros;
  const usedPercent = spent >= costMicros ? 100 : Math.floor((spent * 100) / costMicros);
  return { usedPercent, resetsAt: monthEnd(resetsAt) };
}

/** The end of the UTC month of the day that ends then. */
function monthEnd(dayEnd: Date): Date {
  const day = new Date(dayEnd.getTime() - 1);
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 1));
}

/** As told to clients; null for a plan without a monthly cost. */
export function presentBudget({ budget }: Quota) {
  return budget && { used_percent: budget.usedPercent, resets_at: budget.resetsAt.toISOString() };
}

export interface BudgetMeter {
  /** A message was accepted from an account that has used most of the monthly cost of its plan. */
  nearBudget(plan: string): void;
}

const mostPercent = 80;

/** Counts a message that was accepted. */
export function meterBudget({ tier, budget }: Quota, meter: BudgetMeter): void {
  if (budget !== null && budget.usedPercent >= mostPercent) meter.nearBudget(tier);
}

/** An unfinished reply frees its reserve within minutes at most. */
const reservesRetryMs = 30_000;

/** The refusal of a message past the monthly cost of the plan. */
export function budgetReached(
  { resetsAt, resetsInMs, spentMicros }: DayEnd & Spending,
  costMicros: number,
): ProblemError {
  const end = monthEnd(resetsAt);
  const inMs = end.getTime() - resetsAt.getTime() + resetsInMs;
  return new ProblemError('budget_reached', {
    values: { time: end.toISOString() },
    retryAfterMs: spentMicros >= costMicros ? inMs : reservesRetryMs,
    members: { resets_at: end.toISOString() },
  });
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
    budget: presentBudget(quota),
  };
}

/** The refusal of a message past the daily limit of a plan, with the reset time and, where one is sold, the plan that has more. */
export function dailyLimitReached(quota: Quota, plans: Plans): ProblemError {
  const { tier } = quota;
  const resetsAt = quota.resetsAt.toISOString();
  const better = betterPlan(tier, plans);
  return new ProblemError('daily_limit_reached', {
    ...(better !== null && { reason: better.dailyMessages === null ? 'unlimited' : 'more' }),
    values: { limit: quota.limit ?? 0, time: resetsAt, plan: better?.id ?? '' },
    retryAfterMs: quota.resetsInMs,
    headers: rateLimitHeaders(quota),
    members: {
      resets_at: resetsAt,
      // Who pays already moves between plans in the portal.
      ...(better !== null && { upgrade_url: tier === plans.free.id ? '/subscribe/pro' : '/subscribe/portal' }),
    },
  });
}

/** The next plan that is sold and has more messages a day; null if there is none. */
function betterPlan(tier: Tier, plans: Plans): Plan | null {
  const { dailyMessages: own } = plans.of(tier);
  const later = plans.all.slice(plans.all.findIndex(({ id }) => id === tier) + 1);
  const hasMore = ({ dailyMessages }: Plan) => own !== null && (dailyMessages === null || dailyMessages > own);
  return later.find((plan) => plan.stripePrices.length > 0 && hasMore(plan)) ?? null;
}

/** Longer than the daily cost of the service is looked at. */
const serviceRetryMs = 60_000;

/** The refusal of a message on a day when the service has spent what it may. */
export function serviceBudgetReached(): ProblemError {
  return new ProblemError('service_budget_reached', { retryAfterMs: serviceRetryMs });
}
