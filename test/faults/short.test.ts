/**
 * A short fault run: scenarios that no other test covers, with one or two faults each. `costs`, `fairness`, `push` and `upgrade`
 * are in the long run only.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canSpawnRedis } from '../redis-server.ts';
import { canSpawnPostgres, startPostgres, type PostgresServer } from './postgres-server.ts';
import { countsFor, misses } from './scenario.ts';
import { scenarios } from './scenarios.ts';
import { openStage } from './stage.ts';

const names = [
  'accepting',
  'redis-outage',
  'redis-cut',
  'database-loss',
  'fleet-pause',
  'embedded',
  'machines',
  'stored-text',
];
const timeoutMs = 120_000;

describe.skipIf(!canSpawnPostgres || !canSpawnRedis)('promises under faults', () => {
  let postgres: PostgresServer;

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.[Symbol.asyncDispose]());

  it.for(scenarios.filter(({ name }) => names.includes(name)))(
    '$name: $promise',
    { timeout: timeoutMs },
    async (scenario, { skip }) => {
      skip(Boolean(scenario.missing), `needs ${scenario.missing}`);
      await using stage = await openStage(postgres);
      const outcome = await scenario.run(stage, countsFor('tiny', 1));
      expect(misses(scenario, outcome)).toEqual([]);
      expect(outcome.operations).toBeGreaterThan(0);
    },
  );
});
