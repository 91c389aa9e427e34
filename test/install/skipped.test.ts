/** A test run without services lists at its end what it skipped and which services are missing. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { root } from '../deploy/files.ts';

const run = promisify(execFile);
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');

it('lists skipped tests and missing services without a password', async () => {
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    TEST_DATABASE_URL: 'postgres://somebody:secret@127.0.0.1:1/postgres',
    TEST_REDIS_URL: 'redis://:secret@127.0.0.1:1',
  };
  delete environment.CI;
  const args = [vitest, 'run', 'test/messages/late-winner.test.ts'];
  const { stdout } = await run(process.execPath, args, { cwd: root, env: environment });
  expect(stdout).toContain('   test/messages/late-winner.test.ts > the late winner of an idempotency key > ');
  expect(stdout).toContain('   PostgreSQL: none that tests may use at postgres://somebody:…@127.0.0.1:1/postgres\n');
  expect(stdout).toContain('   Redis: none that tests may use at redis://:…@127.0.0.1:1\n');
  expect(stdout).toMatch(/^0 passed, 0 failed, [1-9]\d* skipped$/m);
  expect(stdout).not.toContain('secret');
});
