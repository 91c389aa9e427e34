/** Vitest as StrykerJS runs it: the chosen test files, one after another. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: (process.env.MUTANT_TESTS ?? '').split(','),
    fileParallelism: false,
    reporters: ['dot'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
