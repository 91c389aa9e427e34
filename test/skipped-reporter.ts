/** Ends a test run with the names of what was skipped, the seed when something failed, and a line of counts. Under `CI=true` a skipped test is a failure. */
import type { Reporter, TestCase } from 'vitest/node';

export function skippedReporter(): Reporter {
  return {
    onTestRunEnd(modules) {
      const tests = modules.flatMap((module) => [...module.children.allTests()]);
      const count = (state: string) => tests.filter((test) => test.result().state === state).length;
      const skipped = tests.filter((test) => test.result().state === 'skipped');
      const strict = process.env.CI === 'true' && skipped.length > 0;
      if (skipped.length > 0) process.stdout.write(`${listOf(skipped, strict)}\n`);
      if (strict) process.exitCode = 1;
      // A file that does not load has no tests to count.
      const broken = modules.filter((module) => module.state() === 'failed' && module.errors().length > 0).length;
      if (count('failed') + broken > 0) {
        process.stdout.write(`TEST_SEED=${process.env.TEST_SEED} makes the same random choices again\n`);
      }
      process.stdout.write(
        `${count('passed')} passed, ${count('failed') + broken} failed, ${skipped.length} skipped\n`,
      );
    },
  };
}

function listOf(skipped: readonly TestCase[], strict: boolean): string {
  const names = skipped.map((test) => `   ${test.module.relativeModuleId} > ${test.fullName}`);
  const why = strict
    ? 'Skipped, which CI does not allow:'
    : 'Skipped, for want of PostgreSQL, Redis or another program of this machine:';
  return [` ${why}`, ...names, ''].join('\n');
}
