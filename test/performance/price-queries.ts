/** Examples of the queries of plans, models and their costs, by exported name; for `every-query.ts`. */
import { readTier } from '../../server/accounts/store.ts';
import * as ledger from '../../server/plans/ledger-store.ts';
import { pricesValue, type UsageEntry } from '../../server/plans/ledger-store.ts';
import * as catalogs from '../../server/plans/catalog-store.ts';
import { readHeldPlans } from '../../server/plans/held-plans.ts';
import type { Connection } from '../../server/ports/database.ts';

/** Of the models, for statements that enter estimates. */
export const prices = pricesValue([{ id: 'm', price: null }]);

export const catalog = { models: [] };
export const bounds = { refundsDaily: 20, queueMs: 900_000 };

const entry: UsageEntry = {
  model: 'm',
  asked: 'm',
  name: 'm-1',
  promptTokens: 10,
  cachedTokens: 0,
  audioTokens: 0,
  answerTokens: 20,
  thinkingTokens: 0,
  costMicros: 30,
  isEstimate: false,
  firstTextMs: null,
};

type Call = (db: Connection) => Promise<unknown>;

export const priceCalls: Readonly<Record<string, readonly Call[]>> = {
  readTier: [(db) => readTier(db, 500)],
  beginUsage: [(db) => ledger.beginUsage(db, { userId: 500, purpose: 'title', entry }).catch(() => 0)],
  endUsage: [(db) => ledger.endUsage(db, 4000, entry)],
  cancelUsage: [(db) => ledger.cancelUsage(db, 4000)],
  readCostToday: [(db) => ledger.readCostToday(db)],
  readUsageDays: [(db) => ledger.readUsageDays(db, 500, 30)],
  lockCatalogs: [(db) => catalogs.lockCatalogs(db)],
  readNewestCatalogId: [(db) => catalogs.readNewestCatalogId(db)],
  readNewestCatalog: [(db) => catalogs.readNewestCatalog(db)],
  wasInForce: [(db) => catalogs.wasInForce(db, 'digest').catch(() => false)],
  addCatalog: [(db) => catalogs.addCatalog(db, 'digest', '{}').catch(() => 0)],
  readHeldPlans: [(db) => readHeldPlans(db, ['Basic', 'Pro'])],
};
