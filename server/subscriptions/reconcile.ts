/** Reconciliation: sends syncs that are due, daily or because time changes a plan, and jobs that were lost. */
import { customerSync, eventReceived } from './job-kinds.ts';
import { findUnappliedEvents } from './event-store.ts';
import { sendSync, syncCustomer, type SyncDeps } from './sync.ts';
import { requestAllSyncs, requestDueSyncs } from './sync-store.ts';

/** Jobs sent in one transaction, and transactions of one run. */
const batch = 200;
const mostBatches = 20;

/** Sends jobs for customers due for a sync, and for events whose job was lost. */
export async function reconcile({ jobs }: Pick<SyncDeps, 'jobs'>): Promise<void> {
  for (let round = 0; round < mostBatches; round++) {
    const found = await jobs.transaction([customerSync], async (tx, send) => {
      const due = await requestDueSyncs(tx, batch);
      for (const { userId } of due) await send(customerSync, { userId });
      return due.length;
    });
    if (found < batch) break;
  }
  await jobs.transaction([eventReceived], async (tx, send) => {
    for (const { id } of await findUnappliedEvents(tx, batch)) await send(eventReceived, { eventRowId: id });
  });
}

const atOnce = 20;

/** Syncs all customers. Failed syncs are left to a worker. */
export async function syncEveryone(deps: SyncDeps): Promise<{ customers: number; failing: number }> {
  const userIds = await requestAllSyncs(deps.db);
  let failing = 0;
  for (let at = 0; at < userIds.length; at += atOnce) {
    const group = userIds.slice(at, at + atOnce);
    const results = await Promise.allSettled(group.map((userId) => syncCustomer(deps, userId)));
    const failed = group.filter((_userId, index) => results[index]!.status === 'rejected');
    failing += failed.length;
    for (const userId of failed) await sendSync(deps, userId);
  }
  return { customers: userIds.length, failing };
}
