/** The plan that a customer has earned: a pure function of Stripe's current state and the time. */
import { builtInPlanIds, type Tier } from '../../contract/plans.ts';
import type { Plan, Plans } from '../config/catalog.ts';
import type { SubscriptionFacts } from '../ports/payments.ts';

export interface Standing {
  readonly tier: Tier;
  /** The subscription that counts: the best one, otherwise the last to end; null if there is none. */
  readonly subscription: SubscriptionFacts | null;
  /** Refunded or disputed subscriptions that must be cancelled. */
  readonly toCancel: readonly string[];
  /** When this may change without an event; null if only the vendor can change it. */
  readonly recheckAt: Date | null;
}

/** What `POST /subscribe/pro` buys: the plan Pro, otherwise the first that is sold; null if none is. */
export function soldAsPro({ all }: Plans): Plan | null {
  const sold = all.filter(({ stripePrices }) => stripePrices.length > 0);
  return sold.find(({ id }) => id === builtInPlanIds[1]) ?? sold[0] ?? null;
}

const graceMs = 7 * 24 * 3_600_000;
/** Stripe may end a period late; until it has, it is asked at this interval. */
const askAgainMs = 60_000;
/** These are never billed again. */
const over = new Set(['canceled', 'incomplete_expired']);

export function standingOf(subscriptions: readonly SubscriptionFacts[], now: Date, plans: Plans): Standing {
  const ours = subscriptions.filter((subscription) => placeOf(subscription, plans) >= 0);
  const rank = (subscription: SubscriptionFacts) => rankOf(subscription, placeOf(subscription, plans), now);
  const best = ours.toSorted((a, b) => rank(b) - rank(a) || endOf(b) - endOf(a))[0] ?? null;
  const earned = best !== null && earnsPlan(best, now) ? plans.all[placeOf(best, plans)]! : null;
  return {
    tier: (earned ?? plans.free).id,
    subscription: best,
    toCancel: ours
      .filter((subscription) => isForfeit(subscription) && !over.has(subscription.status))
      .map(({ id }) => id),
    recheckAt: earned === null ? null : turningPoint(best!, now),
  };
}

/** The best plan that one of these prices buys; null if none does. */
export const planOf = (priceIds: readonly string[], { all }: Plans): Plan | null =>
  all.findLast(({ stripePrices }) => stripePrices.some((id) => priceIds.includes(id))) ?? null;

/** The place of the best plan that one of its prices buys; -1 if none does. */
function placeOf({ priceIds }: SubscriptionFacts, { all }: Plans): number {
  return all.findLastIndex(({ stripePrices }) => stripePrices.some((id) => priceIds.includes(id)));
}

function earnsPlan(subscription: SubscriptionFacts, now: Date): boolean {
  // Stripe may report a subscription as active while its bank debit is still pending.
  if (!subscription.everPaid || isForfeit(subscription) || subscription.dispute === 'open') return false;
  switch (subscription.status) {
    case 'trialing':
    case 'active':
      return true;
    case 'past_due':
      return subscription.pastDueSince !== null && now < graceEnd(subscription.pastDueSince);
    default:
      return false;
  }
}

/** The payment was returned by a full refund of the current period or by a lost dispute. */
function isForfeit({ refunded, dispute }: SubscriptionFacts): boolean {
  return refunded || dispute === 'lost';
}

function isRunning({ status }: SubscriptionFacts): boolean {
  return status === 'trialing' || status === 'active' || status === 'past_due';
}

function graceEnd(pastDueSince: Date): Date {
  return new Date(pastDueSince.getTime() + graceMs);
}

/** Earned before running before ended, the best plan first; among equals the caller prefers the later end. */
function rankOf(subscription: SubscriptionFacts, place: number, now: Date): number {
  if (earnsPlan(subscription, now)) return 3 + 2 * place + (subscription.status === 'past_due' ? 0 : 1);
  if (isRunning(subscription)) return 2;
  return over.has(subscription.status) ? 0 : 1;
}

function endOf({ currentPeriodEnd }: SubscriptionFacts): number {
  return currentPeriodEnd?.getTime() ?? 0;
}

function turningPoint(subscription: SubscriptionFacts, now: Date): Date | null {
  const { status, pastDueSince, cancelAtPeriodEnd, currentPeriodEnd } = subscription;
  if (status === 'past_due' && pastDueSince) return graceEnd(pastDueSince);
  if (!cancelAtPeriodEnd || currentPeriodEnd === null) return null;
  return currentPeriodEnd > now ? currentPeriodEnd : new Date(now.getTime() + askAgainMs);
}
