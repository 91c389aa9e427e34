/** The plans of a server without a catalog, for tests of what depends on plans. */
import { builtInCatalog, plansOf, type Plans } from '../server/config/catalog.ts';

const proPriceId = 'price_pro';

export function builtInPlans(basicDailyLimit: number): Plans {
  const model = { provider: 'demo', model: 'demo', contextTokens: 32_000 } as const;
  return plansOf(builtInCatalog({ ...model, basicDailyLimit, proPriceId }));
}
