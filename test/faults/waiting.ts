/** Waiting, for tests about time. */
import { setTimeout as pause } from 'node:timers/promises';
import { anyOf as anyFrom, randomFrom, seed } from '../random.ts';

const random = randomFrom(seed);

/** Resolves after a random time of at most `maxMs`, so that faults hit different moments. */
export function randomPause(maxMs: number): Promise<void> {
  return pause(random(maxMs));
}

/** Polls until `holds` returns true; rejects with `what` after `timeoutMs`. Returns the seconds it took. */
export async function until(what: string, timeoutMs: number, holds: () => Promise<boolean> | boolean): Promise<number> {
  const startedAt = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedAt > timeoutMs) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await pause(20);
  }
  return (performance.now() - startedAt) / 1000;
}

export { pause };

/** A random element. */
export function anyOf<T>(values: readonly T[]): T {
  return anyFrom(random, values);
}

/** The `share` quantile of the values; 0 if there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

export function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
