/** The plans of a server without a catalog, for tests that depend on plans. */
import { builtInCatalog, plansOf, type Plan, type Plans } from '../server/config/catalog.ts';

export const proPriceId = 'price_pro';

const model = { provider: 'demo', model: 'demo', contextTokens: 32_000 } as const;

export function builtInPlans(basicDailyLimit: number): Plans {
  return plansOf(builtInCatalog({ ...model, basicDailyLimit, proPriceId }));
}

/** The same plans with other models. */
export function plansWith(models: Plan['models']): Plans {
  const { plans } = builtInCatalog({ ...model, basicDailyLimit: 1000, proPriceId });
  const [free, ...others] = plans;
  return plansOf({ plans: [{ ...free, models }, ...others.map((plan) => ({ ...plan, models }))] });
}
