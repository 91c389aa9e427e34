/** Turns between plans: by weight, never absolutely. Each worker keeps its own, so that claims share no row. */

export interface PlanTurns {
  /** How far each plan has come; a claim takes the plan next that is furthest behind. */
  behind(plan: string): number;
  /** One reply of this plan was claimed. */
  note(plan: string): void;
}

/** What a plan that had nothing to do may catch up: one turn of weight 1. */
const mostCredit = 1;

/**
 * Stride scheduling (Waldspurger 1995): a claim moves its plan on by one over its weight. With weights 4 and 1 one of
 * five claims goes to the lighter plan while both wait, and all of them while only one does.
 */
export function planTurns(weights: Readonly<Record<string, number>>): PlanTurns {
  const passed = new Map(Object.keys(weights).map((plan) => [plan, 0]));
  return {
    behind: (plan) => passed.get(plan)!,
    note(plan) {
      passed.set(plan, passed.get(plan)! + 1 / weights[plan]!);
      const least = Math.max(...passed.values()) - mostCredit;
      // Counted from there, so that the numbers stay small.
      for (const [name, value] of passed) passed.set(name, Math.max(value - least, 0));
    },
  };
}
