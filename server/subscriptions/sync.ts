/** Syncs a plan from the payment vendor: never two syncs of one customer at a time, the ending of its subscriptions included. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { SecurityLog } from '../accounts/security-log.ts';
import type { Database } from '../ports/database.ts';
import type { Feed } from '../ports/feed.ts';
import type { Payments } from '../ports/payments.ts';
import { quotaChanged, quotaOf } from '../quotas/quota.ts';
import { readUsage } from '../quotas/store.ts';
import { every } from '../schedule.ts';
import { endAnyCheckoutRound } from './store.ts';
import {
  claimSyncs,
  countOpenSyncs,
  finishSync,
  postponeSync,
  releaseSync,
  renewLeaseEveryMs,
  renewSync,
  type SyncClaim,
  type SyncResult,
} from './sync-store.ts';
import { standingOf, type Standing } from './tier.ts';

export interface SyncDeps {
  readonly db: Database;
  readonly feed: Feed;
  readonly payments: Payments;
  readonly log: Logger;
  readonly security: SecurityLog;
  readonly basicDailyLimit: number;
}

const batch = 20;
const settlePauseMs = 250;
const settleRounds = 240;

/** Looks at every customer that wants it, of one user or of any, until none does. Failed looks wait for their turn. */
export async function syncCustomers(deps: SyncDeps, userId: number | null = null): Promise<void> {
  for (;;) {
    const claims = await claimSyncs(deps.db, userId, batch);
    if (claims.length === 0) return;
    await Promise.all(claims.map((claim) => syncCustomer(deps, claim)));
  }
}

/** Like `syncCustomers`, and waits for looks that others make, within reason; gives how many customers' looks failed. */
export async function settleCustomers(deps: SyncDeps): Promise<number> {
  for (let round = 0; ; round++) {
    await syncCustomers(deps);
    const { waiting, failing } = await countOpenSyncs(deps.db);
    if (waiting === 0 || round === settleRounds) return waiting + failing;
    await pause(settlePauseMs);
  }
}

async function syncCustomer(deps: SyncDeps, claim: SyncClaim): Promise<void> {
  const { db, log } = deps;
  try {
    await using _lease = every(renewLeaseEveryMs, 'billing lease', log, () => renewSync(db, claim));
    await look(deps, claim);
  } catch (error) {
    const delayMs = Math.min(300_000, 1000 * 2 ** Math.min(claim.failures, 10));
    log.warn(
      { user_id: claim.userId, delay_ms: delayMs, err: error },
      'a look at the payment vendor failed, trying again',
    );
    await postponeSync(db, claim, delayMs);
  }
}

async function look(deps: SyncDeps, claim: SyncClaim): Promise<void> {
  const { db, payments } = deps;
  const subscriptions = await payments.readSubscriptions(claim.customerId);
  const standing = standingOf(subscriptions ?? [], claim.now);
  // The plan goes at once; the work stays open until a look finds that what was forfeit has ended.
  const keepLease = standing.toCancel.length > 0;
  const covered = keepLease ? claim.requested - 1 : claim.requested;
  const outcome = await finishSync(db, { ...claim, requested: covered }, resultOf(standing), { keepLease });
  if (outcome === null) return;
  const { tierBefore: from, tier: to, mobileNumber: number } = outcome;
  if (from !== to)
    deps.security.record('plan_changed', { userId: claim.userId, number, details: { from, to, by: 'payment' } });
  if (outcome.changed) await announce(deps, claim.userId, standing);
  if (subscriptions === null) await endAnyCheckoutRound(db, claim.userId);
  for (const id of standing.toCancel) await payments.cancelSubscription(id);
  if (keepLease) await releaseSync(db, claim);
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

async function announce(
  { db, feed, basicDailyLimit }: SyncDeps,
  userId: number,
  { subscription }: Standing,
): Promise<void> {
  const usage = await readUsage(db, userId);
  if (usage === null) return;
  feed.publish(userId, [
    { type: 'subscription.changed', tier: usage.tier, status: subscription?.status ?? 'none' },
    quotaChanged(quotaOf(usage, usage.usedToday, basicDailyLimit)),
  ]);
}
