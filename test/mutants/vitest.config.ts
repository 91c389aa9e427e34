/** Vitest as StrykerJS runs it: the chosen test files in their order, one after another, in one process. */
import { globSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const root = path.resolve(import.meta.dirname, '../..');
const files = (process.env.MUTANT_TESTS ?? '').split('\n').flatMap((pattern) => globSync(pattern, { cwd: root }));

/** The first file that fails ends a run, so the order decides how long a run takes. */
class ListedOrder extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => files.indexOf(path.relative(root, moduleId));
    return specifications.toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: files,
    globalSetup: 'test/global-setup.ts',
    sequence: { sequencer: ListedOrder },
    fileParallelism: false,
    // Loading the product again for each file would take longer than most files.
    isolate: false,
    reporters: ['dot'],
    // The cost of a change that makes a test wait in vain; the tests themselves take far less.
    testTimeout: 20_000,
    hookTimeout: 120_000,
  },
});
