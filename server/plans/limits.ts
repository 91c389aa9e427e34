/** What the statements that accept a question know of each plan. */
import type { Plans } from '../config/catalog.ts';

/** By plan, as JSON: `daily` is the daily limit, null = unlimited; `models` are ids, the default first. */
export function planLimits({ all }: Plans): string {
  return JSON.stringify(
    Object.fromEntries(all.map(({ id, dailyMessages, models }) => [id, { daily: dailyMessages, models }])),
  );
}
