/** Makes an account's plan follow payment again, and publishes the plan to its devices. */
import type { Database } from '../ports/database.ts';
import { quotaChanged, quotaOf } from '../plans/quota.ts';
import { readUsage } from '../plans/store.ts';
import { readCustomer, readStanding } from '../subscriptions/store.ts';
import { requestSync } from '../subscriptions/sync-store.ts';
import { sendSync, syncNow, type SyncDeps } from '../subscriptions/sync.ts';

export interface PaymentDeps extends Omit<SyncDeps, 'payments'> {
  readonly db: Database;
  /** Null while billing is not configured. */
  readonly payments: SyncDeps['payments'] | null;
}

/** Syncs the plan from the payment vendor, or leaves that to a server that can. */
export async function syncWithPayment(deps: PaymentDeps, userId: number): Promise<void> {
  const customer = await readCustomer(deps.db, userId);
  if (customer === null) return;
  if (deps.payments !== null) {
    await syncNow({ ...deps, payments: deps.payments }, userId, customer.customerId);
  } else {
    await requestSync(deps.db, customer.customerId);
    await sendSync(deps, userId);
  }
}

/** Publishes plan and quota to the account's devices. */
export async function announcePlan({ db, feed, plans }: PaymentDeps, userId: number): Promise<void> {
  const [usage, standing] = await Promise.all([readUsage(db, userId), readStanding(db, userId)]);
  if (usage === null) return;
  feed.publish(userId, [
    { type: 'subscription.changed', tier: usage.tier, status: standing?.status ?? 'none' },
    quotaChanged(quotaOf(usage, usage.usedToday, plans)),
  ]);
}
