/** Limits of each plan other than daily messages. */
import type { Tier } from '../../contract/plans.ts';

export interface PlanShare {
  /** Replies of one account that may be generated concurrently. */
  readonly repliesAtOnce: number;
  /** Weight of the plan when replies of several plans are due. */
  readonly weight: number;
}

export const planShares: Readonly<Record<Tier, PlanShare>> = {
  Basic: { repliesAtOnce: 2, weight: 1 },
  Pro: { repliesAtOnce: 5, weight: 4 },
};
