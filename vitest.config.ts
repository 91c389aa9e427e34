import { randomInt } from 'node:crypto';
import { defineConfig } from 'vitest/config';
import { skippedReporter } from './test/skipped-reporter.ts';

// One seed for all that is left to chance, in every process of the run.
process.env.TEST_SEED ??= String(randomInt(2 ** 31));

export default defineConfig({
  test: {
    include: ['contract/**/*.test.ts', 'server/**/*.test.ts', 'dev/**/*.test.ts', 'test/**/*.test.ts'],
    env: { TEST_SEED: process.env.TEST_SEED },
    reporters: ['default', skippedReporter()],
    // The embedded database in a test takes 400 MB less without the optimizing compiler.
    execArgv: ['--liftoff-only'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more files at once only make each other late.
    maxWorkers: 2,
  },
});
