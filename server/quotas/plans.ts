/** What each plan allows beside its messages a day. */

export interface PlanShare {
  /** Replies of one account that are generated at a time. */
  readonly repliesAtOnce: number;
  /** Its part of the workers' places while several plans wait for them. */
  readonly weight: number;
}

export const planShares: Readonly<Record<'Basic' | 'Pro', PlanShare>> = {
  Basic: { repliesAtOnce: 2, weight: 1 },
  Pro: { repliesAtOnce: 5, weight: 4 },
};
