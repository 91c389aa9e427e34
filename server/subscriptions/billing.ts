/** The worker's side of billing: events as they come, whatever was missed, and each customer once a day. */
import type { WakeUps } from '../ports/wake-ups.ts';
import { every } from '../schedule.ts';
import { applyEvents } from './apply-events.ts';
import { requestDueSyncs } from './sync-store.ts';
import type { SyncDeps } from './sync.ts';

/** No plan outlives its time by more. */
const sweepEveryMs = 1000;
const atOnce = 4;

export interface Billing {
  /**
   * Begins nothing more and waits for what is under way, `graceMs` at most: a slow vendor must not hold up a shutdown.
   * What is left is done by another process when its lease ends.
   */
  stop(graceMs: number): Promise<void>;
}

/** Starts applying events. */
export function startBilling(deps: SyncDeps & { readonly wakeUps: WakeUps }): Billing {
  const started = new AsyncDisposableStack();
  const givenUp = Promise.withResolvers<void>();
  const untilGivenUp = (work: Promise<void>) => Promise.race([work, givenUp.promise]);
  const running = new Set<Promise<void>>();
  started.defer(async () => void (await Promise.all(running)));
  const room = async () => {
    while (running.size >= atOnce) await Promise.race(running);
    return 1;
  };
  const apply = () => {
    const applying = untilGivenUp(applyEvents(deps))
      .catch((error: unknown) => deps.log.error({ err: error }, 'applying billing events failed'))
      .finally(() => running.delete(applying));
    running.add(applying);
  };
  started.use(deps.wakeUps.listen('billing', room, apply));
  const sweep = every(sweepEveryMs, 'billing', deps.log, async () => {
    await requestDueSyncs(deps.db);
    await untilGivenUp(applyEvents(deps));
  });
  started.use(sweep);
  const resources = started.move();
  return {
    async stop(graceMs) {
      const timer = setTimeout(() => {
        deps.log.warn('billing did not end in time; another process goes on with it when its lease ends');
        givenUp.resolve();
      }, graceMs);
      await resources.disposeAsync();
      clearTimeout(timer);
    },
  };
}
