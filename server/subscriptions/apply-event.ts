/** Applies an event: requests a sync of its customer. */
import { customerSync } from './job-kinds.ts';
import { readReceivedEvent, settleEvent, type ReceivedEvent } from './event-store.ts';
import type { SyncDeps } from './sync.ts';
import { requestSync } from './sync-store.ts';

/** Applies an event once, for any number of calls. Returns its user's id. Rejects if the vendor is unavailable. */
export async function applyEvent(deps: SyncDeps, eventRowId: number): Promise<number | null> {
  const event = await readReceivedEvent(deps.db, eventRowId);
  if (event === null) return null;
  const customerId = await customerOf(deps, event);
  return deps.jobs.transaction([customerSync], async (tx, send) => {
    const userId = customerId === null ? null : await requestSync(tx, customerId);
    const settled = await settleEvent(tx, event.id, userId === null ? 'ignored' : 'applied', customerId);
    if (settled && userId !== null) await send(customerSync, { userId });
    return userId;
  });
}

async function customerOf({ payments }: SyncDeps, event: ReceivedEvent): Promise<string | null> {
  if (event.customerId !== null) return event.customerId;
  if (event.objectType === null || event.objectId === null) return null;
  return payments.findCustomer({ type: event.objectType, id: event.objectId });
}
