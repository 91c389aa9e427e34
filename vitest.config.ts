import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { skippedReporter } from './test/skipped-reporter.ts';

// One seed for all that is left to chance, in every process of the run.
process.env.TEST_SEED ??= String(randomInt(2 ** 31));
// Each file has a process of its own, which loads what the one before has compiled.
process.env.NODE_COMPILE_CACHE ??= path.join(import.meta.dirname, 'node_modules/.cache/pollux-tests');

/** The longest file is small, and would begin last. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => moduleId.endsWith('/faults/short.test.ts');
    // oxlint-disable-next-line unicorn/no-array-sort -- not an array's
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['contract/**/*.test.ts', 'server/**/*.test.ts', 'dev/**/*.test.ts', 'test/**/*.test.ts'],
    env: { TEST_SEED: process.env.TEST_SEED },
    sequence: { sequencer: LongestFirst },
    globalSetup: 'test/global-setup.ts',
    reporters: ['default', skippedReporter()],
    // The embedded database in a test takes 400 MB less without the optimizing compiler.
    execArgv: ['--liftoff-only'],
    // What is waited for comes in its own time on a busy machine; promises about time name theirs.
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // One more than cores, since tests wait a third of their time; more than four need more connections than PostgreSQL has by default.
    maxWorkers: Math.min(availableParallelism() + 1, 4),
  },
});
