/** Rounds and figures: the sides of a comparison alternate, and the median round counts. */
import type { Child } from './child.ts';

export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, lowest: sorted[0]!, highest: sorted.at(-1)! };
}

/** The value below which `share` of all lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Ratio of two sides, round by round: a temporary slowdown of the machine affects both sides of a round. */
export function ratios(ours: readonly number[], bare: readonly number[]): Spread {
  return spreadOf(ours.map((value, index) => value / bare[index]!));
}

/** Runs every side once per round, in alternating order, and returns the measurements of each. */
export async function takeTurns<Side extends string, T>(
  rounds: number,
  sides: Readonly<Record<Side, () => Promise<T>>>,
): Promise<Record<Side, T[]>> {
  const names = Object.keys(sides) as Side[];
  const measured = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<Side, T[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) measured[name].push(await sides[name]());
  }
  return measured;
}

/** CPU seconds that a process used while `work` ran, and the result of `work`. */
export async function withCpu<T>(child: Child, work: () => Promise<T>): Promise<{ cpuSeconds: number; result: T }> {
  const before = child.cpuSeconds();
  const result = await work();
  return { cpuSeconds: child.cpuSeconds() - before, result };
}
