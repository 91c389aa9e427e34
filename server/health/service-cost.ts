/** Watches what all calls to models cost in a day, against the ceiling of the service. */
import { readCostToday } from '../plans/ledger-store.ts';
import type { Database } from '../ports/database.ts';
import type { Metrics } from './metrics.ts';
import { sample } from './sample.ts';

export interface ServiceCost extends Disposable {
  /** The ceiling is reached, as of some seconds ago. */
  readonly isSpent: () => boolean;
}

/** Not looked at for each question, since it sums the calls of the day. */
const timing = { everyMs: 2000, staleAfterMs: 60_000 };

/** `limit` is in micro-dollars; null = none. */
export function watchServiceCost(limit: number | null, db: Database, metrics: Metrics): ServiceCost {
  if (limit === null) return { isSpent: () => false, [Symbol.dispose]: () => {} };
  const cost = sample(() => readCostToday(db), timing);
  metrics.watch('pollux_service_cost_dollars', () => (cost.latest() ?? 0) / 1_000_000);
  metrics.watch('pollux_service_cost_limit_dollars', () => limit / 1_000_000);
  return { isSpent: () => (cost.latest() ?? 0) >= limit, [Symbol.dispose]: () => cost[Symbol.dispose]() };
}
