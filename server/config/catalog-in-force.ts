/** The catalog in force, which a reload replaces: readers look at it each time, and keep nothing of it. */
import { plansOf, type Catalog, type Plans } from './catalog.ts';

export interface CatalogInForce {
  /** Its members change with a reload. */
  readonly catalog: Catalog;
  readonly plans: Plans;
  replace(next: Catalog): void;
}

export function catalogInForce(first: Catalog): CatalogInForce {
  let catalog = first;
  let plans = plansOf(first);
  return {
    catalog: {
      get models() {
        return catalog.models;
      },
      get plans() {
        return catalog.plans;
      },
    },
    plans: {
      get all() {
        return plans.all;
      },
      get free() {
        return plans.free;
      },
      of: (id) => plans.of(id),
    },
    replace(next) {
      catalog = next;
      plans = plansOf(next);
    },
  };
}
