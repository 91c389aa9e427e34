/** Random numbers for tests: one seed per run, printed when a test fails; `TEST_SEED` repeats the run. */
import { randomInt } from 'node:crypto';

/** A whole number from 0 to below `below`. */
export type Random = (below: number) => number;

/** The seed of this run, the same in all its processes: vitest.config.ts passes it on. */
export const seed = Number(process.env.TEST_SEED ?? randomInt(2 ** 31));

/** A small seeded generator (mulberry32). Concurrent users need one each, or results depend on their order. */
export function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A random element. */
export function anyOf<T>(random: Random, values: readonly T[]): T {
  return values[random(values.length)]!;
}
