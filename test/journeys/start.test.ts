/** Starting with other processes running: refusals with their reasons, and many at once on an empty database. */
import { describe, expect, it } from 'vitest';
import { scaled } from '../fault-scale.ts';
import { distributedPlace, emptyPlace, type Environment } from '../harness.ts';
import { startProcess } from '../processes.ts';
import { services } from '../services.ts';
import { connectSql } from '../sql.ts';
import { request, signIn } from '../client.ts';

const starts = 4;
const rounds = scaled(1);

describe('a process that cannot share its database or folder is refused:', () => {
  const postgres = { DATABASE_URL: 'postgres://postgres@127.0.0.1:1/none' };
  const redis = { REDIS_URL: 'redis://127.0.0.1:1' };
  const refusals: [string, Environment, 'all' | 'api' | 'worker', RegExp][] = [
    ['several, with nothing', { WEB_CONCURRENCY: '2' }, 'all', /WEB_CONCURRENCY is 2.*set DATABASE_URL and REDIS_URL/],
    [
      'several, with PostgreSQL alone',
      { WEB_CONCURRENCY: '4', ...postgres },
      'all',
      /WEB_CONCURRENCY is 4.*set REDIS_URL/,
    ],
    ['several, with Redis alone', { WEB_CONCURRENCY: '2', ...redis }, 'all', /WEB_CONCURRENCY is 2.*set DATABASE_URL/],
    ['an API, with nothing', {}, 'api', /role "api".*set DATABASE_URL and REDIS_URL/],
    ['a worker, with nothing', {}, 'worker', /role "worker".*set DATABASE_URL and REDIS_URL/],
    ['a worker, with PostgreSQL alone', postgres, 'worker', /role "worker".*set REDIS_URL/],
    ['an API, with Redis alone', redis, 'api', /role "api".*set DATABASE_URL/],
  ];

  it.each(refusals)('%s', async (_name, environment, role, sentence) => {
    await using place = await emptyPlace();
    const refused = await startProcess({ ...place.environment, ...environment }, role).catch(
      (error: Error) => error.message,
    );
    expect(refused).toMatch(/ended with 1/);
    expect(refused).toMatch(sentence);
    expect(refused).not.toMatch(/\n {4}at /);
  });
});

describe('embedded', () => {
  it('a second process on one folder is refused with the pid of the first, which keeps running', async () => {
    await using place = await emptyPlace();
    await using first = await startProcess(place.environment);
    const refused = await startProcess(place.environment).catch((error: Error) => error.message);
    expect(refused).toMatch(/ended with 1/);
    expect(refused).toContain(`pid ${first.pid}`);
    expect(refused).toMatch(/DATA_DIR/);
    await signIn(first.url);
    await first.kill('SIGKILL');
    // The lock of a dead process has no effect.
    await using next = await startProcess(place.environment);
    expect((await request('GET', `${next.url}/health/ready`)).status).toBe(200);
  }, 180_000);
});

describe.skipIf(!services.postgres || !services.redis)('on PostgreSQL', () => {
  it('a second process without Redis is refused, and so are others beside the first', async () => {
    await using place = await distributedPlace();
    const { DATABASE_URL = '', DATA_DIR = '' } = place.environment;
    const lonely = { DATABASE_URL, DATA_DIR };
    {
      await using first = await startProcess(lonely);
      for (const [environment, sentence] of [
        [lonely, /Another Pollux runs on this database.*REDIS_URL/],
        [place.environment, /without REDIS_URL runs on this database/],
      ] as const) {
        const refused = await startProcess(environment).catch((error: Error) => error.message);
        expect(refused).toMatch(/ended with 1/);
        expect(refused).toMatch(sentence);
      }
      await signIn(first.url);
      expect(await first.kill('SIGTERM')).toBe(0);
    }
    await using shared = await startProcess(place.environment);
    const refused = await startProcess(lonely).catch((error: Error) => error.message);
    expect(refused).toMatch(/Another Pollux runs on this database/);
    expect((await request('GET', `${shared.url}/health/ready`)).status).toBe(200);
  }, 180_000);

  it(
    `${starts} processes start at once on an empty database, ${rounds} times`,
    { timeout: rounds * 120_000 },
    async () => {
      for (let round = 0; round < rounds; round++) {
        await using place = await distributedPlace();
        await using stack = new AsyncDisposableStack();
        const running = await Promise.all(Array.from({ length: starts }, () => startProcess(place.environment)));
        for (const one of running) stack.use(one);
        await Promise.all(running.map(({ url }) => signIn(url)));
        await using connection = await connectSql(place);
        const [applied] = await connection.sql<{ all: number; different: number }>(
          `select count(*)::int as all, count(distinct hash)::int as different from drizzle.__drizzle_migrations`,
        );
        expect(applied!.all).toBeGreaterThan(0);
        expect(applied!.different).toBe(applied!.all);
      }
    },
  );
});
