/** The limits of plans, for statements that charge. */
import type { Plans } from '../config/catalog.ts';

/** The daily limits by plan as JSON. */
export function dailyLimitsOf({ all }: Plans): string {
  return JSON.stringify(Object.fromEntries(all.map(({ id, dailyMessages }) => [id, dailyMessages])));
}
