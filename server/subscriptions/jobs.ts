/** Background jobs of billing. */
import { housekeeping } from '../jobs/housekeeping.ts';
import { handle, type FeatureJobs } from '../jobs/job.ts';
import type { Statement } from '../ports/database.ts';
import type { Payments } from '../ports/payments.ts';
import { applyEvent } from './apply-event.ts';
import { customerSync, eventReceived } from './job-kinds.ts';
import { stalePayments } from './payment-store.ts';
import { readDuePayments } from './read-payments.ts';
import { reconcile } from './reconcile.ts';
import { syncCustomer, type SyncDeps } from './sync.ts';

export interface BillingDeps extends Omit<SyncDeps, 'payments'> {
  /** Null while billing is not configured. */
  readonly payments: Payments | null;
}

const stale: readonly Statement<never>[] = [
  {
    name: 'stale_billing_events',
    text: `delete from billing_events where received_at < now() - interval '400 days' and state <> 'received'`,
  },
  stalePayments,
];

export function billingJobs(deps: BillingDeps): FeatureJobs {
  const { db, payments } = deps;
  const cleaning = housekeeping('subscriptions', db, stale);
  if (payments === null) return { handlers: [], periodic: [cleaning] };
  const syncDeps: SyncDeps = { ...deps, payments };
  return {
    handlers: [
      handle(eventReceived, async ({ eventRowId }) => void (await applyEvent(syncDeps, eventRowId))),
      handle(customerSync, ({ userId }) => syncCustomer(syncDeps, userId)),
    ],
    periodic: [
      cleaning,
      { name: 'subscriptions/reconcile', cron: '* * * * *', run: () => reconcile(syncDeps) },
      { name: 'subscriptions/payments', cron: '* * * * *', run: (signal) => readDuePayments(syncDeps, signal) },
    ],
  };
}
