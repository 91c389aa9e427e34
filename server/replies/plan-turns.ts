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
 * of five claims while both have replies waiting, and all while only it has.
 */
export function planTurns(weights: Readonly<Record<string, number>>): PlanTurns {
  const passed = new Map(Object.keys(weights).map((plan) => [plan, 0]));
  return {
    behind: (plan) => passed.get(plan)!,
    note(plan) {
      passed.set(plan, passed.get(plan)! + 1 / weights[plan]!);
      const least = Math.max(...passed.values()) - mostCredit;
      // Relative to it, so that the numbers stay small.
      for (const [name, value] of passed) passed.set(name, Math.max(value - least, 0));
    },
  };
}
