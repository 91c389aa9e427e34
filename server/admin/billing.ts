/** Billing for operators: replays of events, and syncs of all customers. */
import { addAudit, type Actor } from '../audit/store.ts';
import type { Database } from '../ports/database.ts';
import { notFound } from '../problems/problem.ts';
import { applyEvent } from '../subscriptions/apply-event.ts';
import { readRecordedEvent, replayEvent, type EventRow } from '../subscriptions/event-store.ts';
import { eventReceived } from '../subscriptions/job-kinds.ts';
import { syncEveryone } from '../subscriptions/reconcile.ts';
import { makeAllSyncsDue } from '../subscriptions/sync-store.ts';
import { syncCustomer, type SyncDeps } from '../subscriptions/sync.ts';
import type { PaymentDeps } from './plan-of-payment.ts';

/**
 * Requests that a worker applies an event again. `id`: ours, or the vendor's. Throws `not_found`.
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

/** Applies a replayed event in this process; returns its state. A worker retries what fails. */
export async function applyReplayed(deps: SyncDeps, eventRowId: number): Promise<EventRow['state'] | null> {
  try {
    const userId = await applyEvent(deps, eventRowId);
    if (userId !== null) await syncCustomer(deps, userId);
  } catch (error) {
    deps.log.warn({ billing_event: eventRowId, err: error }, 'Stripe could not be asked about an event');
  }
  return (await readRecordedEvent(deps.db, eventRowId))?.state ?? null;
}

/** Syncs every customer from the vendor. A worker retries what fails. */
export async function reconcileBilling(
  deps: SyncDeps,
  actor: Actor,
): Promise<{ readonly customers: number; readonly failing: number }> {
  await addAudit(deps.db, actor, { action: 'billing_reconciled', userId: null });
  return syncEveryone(deps);
}

/** Makes the sync of every customer due; workers begin it within a minute. Returns how many there are. */
export async function requestReconciliation(db: Database, actor: Actor): Promise<number> {
  return db.transaction(async (tx) => {
    await addAudit(tx, actor, { action: 'billing_reconciled', userId: null });
    return makeAllSyncsDue(tx);
  });
}
