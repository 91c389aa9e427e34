/** Examples of the queries of plans, models and their costs, by exported name; for `every-query.ts`. */
import { readTier } from '../../server/accounts/store.ts';
import { readHeldPlans } from '../../server/plans/held-plans.ts';
import type { Connection } from '../../server/ports/database.ts';

type Call = (db: Connection) => Promise<unknown>;

export const priceCalls: Readonly<Record<string, readonly Call[]>> = {
  readTier: [(db) => readTier(db, 500)],
  readHeldPlans: [(db) => readHeldPlans(db, ['Basic', 'Pro'])],
};
