/** Passes events on: each becomes a reason to look at its customer. */
import { requestSync } from './sync-store.ts';
import { claimEvents, postponeEventRow, settleEventRow, type EventClaim } from './event-store.ts';
import { syncCustomers, type SyncDeps } from './sync.ts';

const batch = 20;

/** Applies events that wait, one or any, and looks at the customers they are about. */
export async function applyEvents(deps: SyncDeps, eventRowId: number | null = null): Promise<void> {
  for (;;) {
    const claims = await claimEvents(deps.db, eventRowId, batch);
    await Promise.all(claims.map((claim) => passOn(deps, claim)));
    if (claims.length < batch) break;
  }
  await syncCustomers(deps);
}

async function passOn({ db, payments, log }: SyncDeps, claim: EventClaim): Promise<void> {
  try {
    const customerId = claim.customerId ?? (await findCustomer());
    // Request first: an event whose settling is lost is passed on twice, which does no harm.
    const userId = customerId === null ? null : await requestSync(db, customerId);
    await settleEventRow(db, claim.id, userId === null ? 'ignored' : 'applied', customerId);
  } catch (error) {
    const delayMs = Math.min(300_000, 1000 * 2 ** Math.min(claim.failures, 10));
    log.warn(
      { billing_event: claim.id, delay_ms: delayMs, err: error },
      'a billing event could not be passed on, trying again',
    );
    await postponeEventRow(db, claim.id, delayMs);
  }

  async function findCustomer(): Promise<string | null> {
    if (claim.objectType === null || claim.objectId === null) return null;
    return payments.findCustomer({ type: claim.objectType, id: claim.objectId });
  }
}
