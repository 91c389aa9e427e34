/** Syncs a plan from the payment vendor, and cancels subscriptions that were refunded or lost a dispute. */
import type { Logger } from 'pino';
import type { SecurityLog } from '../accounts/security-log.ts';
import type { Plans } from '../config/catalog.ts';
import type { Jobs } from '../jobs/job.ts';
import type { Database } from '../ports/database.ts';
import type { Feed } from '../ports/feed.ts';
import type { Payments } from '../ports/payments.ts';
import { quotaChanged, quotaOf } from '../plans/quota.ts';
import { readUsage } from '../plans/store.ts';
import { customerSync } from './job-kinds.ts';
import { endAnyCheckoutRound } from './store.ts';
import { beginSync, finishSync, requestSync, type SyncResult, type SyncStart } from './sync-store.ts';
import { standingOf, type Standing } from './tier.ts';

export interface SyncDeps {
  readonly db: Database;
  readonly jobs: Jobs;
  readonly feed: Feed;
  readonly payments: Payments;
  readonly log: Logger;
  readonly security: SecurityLog;
  readonly plans: Plans;
}

/** More changes than this during one sync, or a vendor that does not complete a cancellation, are left to the next attempt. */
const mostRounds = 5;

/** Syncs one customer until all requests are covered. Rejects if the vendor is unavailable. */
export async function syncCustomer(deps: SyncDeps, userId: number): Promise<void> {
  for (let round = 0; round < mostRounds; round++) {
    const start = await beginSync(deps.db, userId);
    if (start === null) return;
    if ((await sync(deps, start)) === 'superseded') return;
  }
  throw new Error('A sync of this customer is still requested.');
}

/** Requests a sync and runs it at once; if it fails, a worker retries. */
export async function syncNow(deps: SyncDeps, userId: number, customerId: string): Promise<void> {
  await requestSync(deps.db, customerId);
  try {
    await syncCustomer(deps, userId);
  } catch (error) {
    deps.log.warn({ user_id: userId, err: error }, 'a sync with the payment vendor failed, a worker will retry');
    await sendSync(deps, userId);
  }
}

/** Leaves a requested sync to a worker. */
export function sendSync({ jobs }: Pick<SyncDeps, 'jobs'>, userId: number): Promise<void> {
  return jobs.transaction([customerSync], (_tx, send) => send(customerSync, { userId }));
}

/** `superseded`: another sync has begun since, and covers the request. */
async function sync(deps: SyncDeps, start: SyncStart): Promise<'done' | 'superseded'> {
  const { db, payments } = deps;
  const subscriptions = await payments.readSubscriptions(start.customerId);
  const standing = standingOf(subscriptions ?? [], start.now, deps.plans);
  // The plan changes at once; the request stays until a sync finds the forfeited subscriptions cancelled.
  const covered = standing.toCancel.length > 0 ? start.requested - 1 : start.requested;
  const outcome = await finishSync(db, { ...start, requested: covered }, resultOf(standing));
  if (outcome === null) return 'superseded';
  const { tierBefore: from, tier: to, mobileNumber: number } = outcome;
  if (from !== to)
    deps.security.record('plan_changed', { userId: start.userId, number, details: { from, to, by: 'payment' } });
  if (outcome.changed) await announce(deps, start.userId, standing);
  if (subscriptions === null) await endAnyCheckoutRound(db, start.userId);
  for (const id of standing.toCancel) await payments.cancelSubscription(id);
  return 'done';
}

function resultOf({ tier, subscription, recheckAt }: Standing): SyncResult {
  return {
    tier,
    status: subscription?.status ?? 'none',
    subscriptionId: subscription?.id ?? null,
    currentPeriodEnd: subscription?.currentPeriodEnd ?? null,
    cancelAtPeriodEnd: subscription?.cancelAtPeriodEnd ?? false,
    recheckAt,
  };
}

async function announce({ db, feed, plans }: SyncDeps, userId: number, { subscription }: Standing): Promise<void> {
  const usage = await readUsage(db, userId);
  if (usage === null) return;
  feed.publish(userId, [
    { type: 'subscription.changed', tier: usage.tier, status: subscription?.status ?? 'none' },
    quotaChanged(quotaOf(usage, usage.usedToday, plans)),
  ]);
}
