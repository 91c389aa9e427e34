/** Schedules claims between plans by weight. Each worker keeps its own state, so that claims share no row. */

export interface PlanTurns {
  /** The plan's pass; the plan with the lowest is claimed next. */
  behind(plan: string): number;
  /** One reply of this plan was claimed. */
  note(plan: string): void;
}

/** How far an idle plan may fall behind: one turn of weight 1. */
const mostCredit = 1;

/**
 * Stride scheduling (Waldspurger 1995): a claim advances its plan by 1 / weight. With weights 4 and 1 the lighter plan gets one
 * of five claims while both have replies waiting, and all while only it has. The plans may change between calls.
 */
export function planTurns(weights: () => Readonly<Record<string, number>>): PlanTurns {
  let passed = new Map<string, number>();
  const behind = (plan: string) => passed.get(plan) ?? 0;
  return {
    behind,
    note(plan) {
      const now = weights();
      passed.set(plan, behind(plan) + 1 / (now[plan] ?? 1));
      const least = Math.max(...passed.values()) - mostCredit;
      // Relative to it, so that the numbers stay small.
      passed = new Map(Object.keys(now).map((name) => [name, Math.max(behind(name) - least, 0)]));
    },
  };
}
