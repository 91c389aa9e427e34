/**
 * Prints at the end of a test run the skipped tests, what this machine lacks for them, the seed when something failed,
 * and a line of counts. Under `CI=true` a skipped test is a failure.
 */
import { spawnSync } from 'node:child_process';
import type { Reporter, TestCase } from 'vitest/node';
import { isPostgresUsable, isRedisUsable, postgresAddress, redisAddress } from './service-addresses.ts';

export function skippedReporter(): Reporter {
  return {
    async onTestRunEnd(modules) {
      const tests = modules.flatMap((module) => [...module.children.allTests()]);
      const count = (state: string) => tests.filter((test) => test.result().state === state).length;
      const skipped = tests.filter((test) => test.result().state === 'skipped');
      const strict = process.env.CI === 'true' && skipped.length > 0;
      if (skipped.length > 0) process.stdout.write(`${await listOf(skipped, strict)}\n`);
      if (strict) process.exitCode = 1;
      // A file that does not load has no tests to count.
      const broken = modules.filter((module) => module.state() === 'failed' && module.errors().length > 0).length;
      if (count('failed') + broken > 0) {
        process.stdout.write(`TEST_SEED=${process.env.TEST_SEED} repeats the random choices\n`);
      }
      process.stdout.write(
        `${count('passed')} passed, ${count('failed') + broken} failed, ${skipped.length} skipped\n`,
      );
    },
  };
}

async function listOf(skipped: readonly TestCase[], strict: boolean): Promise<string> {
  const names = skipped.map((test) => `   ${test.module.relativeModuleId} > ${test.fullName}`);
  const why = strict ? 'Skipped, which CI does not allow:' : 'Skipped:';
  const lacks = (await lacking()).map((line) => `   ${line}`);
  return [` ${why}`, ...names, ...(lacks.length > 0 ? [' because this machine lacks', ...lacks] : []), ''].join('\n');
}

/** What tests need and this machine lacks, a line each. */
async function lacking(): Promise<string[]> {
  const has = (program: string) => spawnSync(program, ['--version']).status === 0;
  return [
    !(await isPostgresUsable()) && `PostgreSQL: none that tests may use at ${withoutPassword(postgresAddress())}`,
    !(await isRedisUsable()) && `Redis: none that tests may use at ${withoutPassword(redisAddress())}`,
    !has('redis-server') && 'redis-server, which tests start to take it away: install Redis',
    ![process.env.CHROMIUM ?? 'chromium', 'chromium-browser', 'google-chrome'].some(has) &&
      'Chromium, or CHROMIUM=/path',
    !has('promtool') && 'promtool: install Prometheus',
  ].filter((line) => line !== false);
}

function withoutPassword(address: string): string {
  return address.replace(/:[^:@/]*@/, ':…@');
}
