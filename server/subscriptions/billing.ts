/** The worker's side of billing: events as they come, whatever was missed, and each customer once a day. */
import type { Queue } from '../ports/queue.ts';
import { every } from '../schedule.ts';
import { applyEvents } from './apply-events.ts';
import { requestDueSyncs } from './sync-store.ts';
import type { SyncDeps } from './sync.ts';

/** No plan outlives its time by more. */
const sweepEveryMs = 1000;
const atOnce = 4;

/** Starts applying events; dispose stops after what is under way. */
export async function startBilling(deps: SyncDeps & { readonly queue: Queue }): Promise<AsyncDisposable> {
  await using started = new AsyncDisposableStack();
  started.use(await deps.queue.listen('billing', atOnce, (id) => applyEvents(deps, id)));
  const sweep = every(sweepEveryMs, 'billing', deps.log, async () => {
    await requestDueSyncs(deps.db);
    await applyEvents(deps);
  });
  started.use(sweep);
  return started.move();
}
