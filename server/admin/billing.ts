/** Billing events for operators: passed on again, and all customers looked at again. */
import { addAudit, type Actor } from '../audit/store.ts';
import { notFound } from '../problems/problem.ts';
import { applyEvent } from '../subscriptions/apply-event.ts';
import { readRecordedEvent, replayEvent, type EventRow } from '../subscriptions/event-store.ts';
import { eventReceived } from '../subscriptions/job-kinds.ts';
import { syncEveryone } from '../subscriptions/reconcile.ts';
import { syncCustomer, type SyncDeps } from '../subscriptions/sync.ts';
import type { PaymentDeps } from './plan-of-payment.ts';

/**
 * Has an event applied again by a worker. `id`: ours, or the vendor's. Throws `not_found`.
 */
export async function replayBillingEvent(
  { jobs }: Pick<PaymentDeps, 'jobs'>,
  actor: Actor,
  id: string,
): Promise<EventRow> {
  return jobs.transaction([eventReceived], async (tx, send) => {
    const event = await replayEvent(tx, id);
    if (event === null) throw notFound();
    await addAudit(tx, actor, {
      action: 'billing_event_replayed',
      userId: null,
      details: { id: event.id, event_id: event.eventId },
    });
    await send(eventReceived, { eventRowId: event.id });
    return event;
  });
}

/** Applies a replayed event here and now; returns its state. What fails is tried again by a worker. */
export async function applyReplayed(deps: SyncDeps, eventRowId: number): Promise<EventRow['state'] | null> {
  try {
    const userId = await applyEvent(deps, eventRowId);
    if (userId !== null) await syncCustomer(deps, userId);
  } catch (error) {
    deps.log.warn({ billing_event: eventRowId, err: error }, 'Stripe could not be asked about an event');
  }
  return (await readRecordedEvent(deps.db, eventRowId))?.state ?? null;
}

/** Looks at every customer at the vendor. What fails is tried again by a worker. */
export async function reconcileBilling(
  deps: SyncDeps,
  actor: Actor,
): Promise<{ readonly customers: number; readonly failing: number }> {
  await addAudit(deps.db, actor, { action: 'billing_reconciled', userId: null });
  return syncEveryone(deps);
}
