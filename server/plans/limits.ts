/** Looks up the limits of a plan. */
import type { Tier } from '../../contract/plans.ts';
import type { Plan, Plans } from '../config/catalog.ts';

/** The plan with this id. Throws if it is not offered. */
export function planOf(plans: Plans, tier: Tier): Plan {
  const plan = plans.find(({ id }) => id === tier);
  if (plan === undefined) throw new Error(`no plan is called ${tier}`);
  return plan;
}

/** The daily limits by plan as JSON, for statements that charge. */
export function dailyLimitsOf(plans: Plans): string {
  return JSON.stringify(Object.fromEntries(plans.map(({ id, dailyMessages }) => [id, dailyMessages])));
}
