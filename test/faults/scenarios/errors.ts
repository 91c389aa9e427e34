/** Errors: a long run of the contract's fuzzer, which `npm test` runs for seconds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { lessThan, type Scenario } from '../scenario.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const vitest = fileURLToPath(new URL('vitest.mjs', pathToFileURL(`${root}node_modules/vitest/`)));
const asked = 20_000;

export const errors: Scenario = {
  name: 'errors',
  promise: 'Valid, malformed and hostile requests to every operation: no 5xx, nothing undocumented, nothing leaked',
  async run({ databaseUrl, redis }, counts) {
    // For each of two modes. Requests are sent in batches of random size, so a few more are requested.
    const each = counts(0.6 * asked, 0.06 * asked, 200);
    const child = spawn(process.execPath, [vitest, 'run', '--reporter=verbose', 'test/contract/fuzz'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        CI: 'true',
        NO_COLOR: '1',
        FUZZ_REQUESTS: String(each),
        TEST_DATABASE_URL: databaseUrl,
        TEST_REDIS_URL: redis.url,
      },
    });
    const [output, complaints] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    const runs = [...output.matchAll(/(\d+) requests, seed (\d+); (.*)/g)];
    const sent = runs.reduce((sum, [, requests]) => sum + Number(requests), 0);
    return {
      faults: 0,
      operations: sent,
      lost: 0,
      doubled: 0,
      worstRecoverySeconds: null,
      broken: [
        ...(child.exitCode === 0 ? [] : [`the fuzzer failed: ${(complaints || output).slice(0, 2000)}`]),
        ...(runs.length === 2 ? [] : [`${runs.length} of 2 modes were fuzzed`]),
      ],
      note: runs.map(([whole]) => whole).join('; '),
      shorter: lessThan(asked, sent, 'requests'),
    };
  },
};
