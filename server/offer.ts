/** The plans and models on offer, and how this process takes up reloads of the catalog. */
import type { Logger } from 'pino';
import type { Catalog, Plans } from './config/catalog.ts';
import { catalogInForce } from './config/catalog-in-force.ts';
import { answerReload, dropReload } from './config/catalog-request.ts';
import type { Config } from './config/config.ts';
import type { Metrics } from './health/metrics.ts';
import { changingModels, type Models } from './models/models.ts';
import { modelOpener, type ModelOpening } from './models/open-models.ts';
import { watchNames } from './models/watch-names.ts';
import { agreeOnCatalog, followCatalog, takeUpAlone, type Agreed, type Reloading } from './plans/agree-on-catalog.ts';
import { refuseHeldPlans } from './plans/held-plans.ts';
import type { Database } from './ports/database.ts';
import { every } from './replies/every.ts';

interface OfferDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly adapterOf: ModelOpening['adapterOf'];
  /** Instead of the catalog's, for tests. */
  readonly models: Models | undefined;
}

export interface Offer extends AsyncDisposable {
  readonly catalog: Catalog;
  readonly plans: Plans;
  readonly models: Models;
}

/** The plans and models on offer. Reloads are taken up until closed. */
export async function openOffer(config: Config, { db, log, metrics, adapterOf, ...given }: OfferDeps): Promise<Offer> {
  const open = modelOpener({ log, namesGone: (model) => metrics.namesGone(model), adapterOf });
  const { id, catalog } = await firstCatalog(config, db, log);
  const inForce = catalogInForce(catalog);
  const changing = changingModels(given.models ?? (await open(catalog)));
  // Only workers call models.
  const names = config.role === 'api' ? null : watchNames(changing.models, log, metrics);
  void names?.check();
  metrics.watchOffer(inForce.catalog);
  const reloads = takeReloads(config, id, {
    db,
    log,
    metrics,
    async takeUp(next) {
      const models = given.models ?? (await open(next));
      // Both at once, so that no question sees half of a reload.
      changing.replace(models);
      inForce.replace(next);
      void names?.check();
    },
  });
  const { catalog: current, plans } = inForce;
  return {
    models: changing.models,
    catalog: current,
    plans,
    async [Symbol.asyncDispose]() {
      await reloads[Symbol.asyncDispose]();
      await names?.[Symbol.asyncDispose]();
    },
  };
}

async function firstCatalog({ catalog, catalogFile, database }: Config, db: Database, log: Logger): Promise<Agreed> {
  if (catalogFile !== null && database.kind === 'postgres') return agreeOnCatalog(db, catalogFile, log);
  await refuseHeldPlans(db, catalog);
  return { id: 0, catalog };
}

const lookEveryMs = 1000;
type ReloadDeps = Omit<Reloading, 'parse'> & Pick<OfferDeps, 'metrics'>;

function takeReloads({ catalogFile, database, dataDir }: Config, id: number, deps: ReloadDeps): AsyncDisposable {
  const { log, metrics } = deps;
  const reloading = { ...deps, parse: catalogFile?.parse ?? null };
  const follower = followCatalog(reloading, id);
  metrics.watch('pollux_catalog_behind', () => Number(follower.isBehind()));
  if (database.kind === 'postgres') return every(lookEveryMs, 'catalog', log, () => follower.check());
  dropReload(dataDir);
  const take = () => answerReload(dataDir, (text) => takeUpAlone(reloading, text));
  return every(lookEveryMs, 'catalog', log, take);
}
