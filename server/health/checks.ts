/** Readiness checks. The database is required; without Redis the sweep finds work and clients read over HTTP. */
import type { Plans } from '../config/catalog.ts';
import type { Models } from '../models/models.ts';
import type { Cache } from '../ports/cache.ts';
import type { Database } from '../ports/database.ts';
import type { Feed } from '../ports/feed.ts';
import type { WakeUps } from '../ports/wake-ups.ts';
import { checkConsumption } from '../replies/consumption.ts';
import { checkModels } from '../replies/missing-model.ts';
import type { Check } from './readiness.ts';

interface CheckedParts {
  readonly db: Database;
  readonly wakeUps: WakeUps;
  readonly feed: Feed;
  readonly cache: Cache;
  readonly models: Models;
  readonly plans: Plans;
}

export function checksOf({ db, wakeUps, feed, cache, models, plans }: CheckedParts): Check[] {
  return [
    { name: 'database', vital: true, run: () => db.check() },
    { name: 'queue', vital: false, run: () => wakeUps.check() },
    { name: 'feed', vital: false, run: () => feed.check() },
    { name: 'cache', vital: false, run: () => cache.check() },
    { name: 'workers', vital: false, run: () => checkConsumption(db, plans) },
    { name: 'model', vital: false, run: () => checkModels(db, models) },
  ];
}
