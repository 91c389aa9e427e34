/** The plans on offer. Everything that depends on a plan reads it here. */
import { tiers, type Tier } from '../../contract/plans.ts';

export interface Plan {
  readonly id: Tier;
  /** Messages a day; null = unlimited. */
  readonly dailyMessages: number | null;
  /** Replies of one account that may be generated concurrently. */
  readonly repliesAtOnce: number;
  /** Weight of the plan when replies of several plans are due. */
  readonly weight: number;
}

/** Cheapest first: the plan of accounts that have not paid, then the one that is sold. */
export type Plans = readonly [free: Plan, sold: Plan];

export function builtInPlans(basicDailyLimit: number): Plans {
  const [basic, pro] = tiers;
  return Object.freeze([
    Object.freeze({ id: basic, dailyMessages: basicDailyLimit, repliesAtOnce: 2, weight: 1 }),
    Object.freeze({ id: pro, dailyMessages: null, repliesAtOnce: 5, weight: 4 }),
  ] as const);
}
