/** Starts everything that a test run can start, then waits to be killed; see broken-run.test.ts. */
import { writeFileSync } from 'node:fs';
import { it } from 'vitest';
import { chromium, openPage } from '../contract/chromium.ts';
import { startGemini } from '../faults/fake-gemini.ts';
import { canSpawnPostgres, startPostgres } from '../faults/postgres-server.ts';
import { embeddedPlace } from '../harness.ts';
import { startProcess } from '../processes.ts';
import { canSpawnRedis, startRedis } from '../redis-server.ts';

it('is killed here', { timeout: 120_000 }, async () => {
  const place = await embeddedPlace();
  await startProcess(place.environment);
  await startGemini();
  if (canSpawnRedis) await startRedis();
  if (canSpawnPostgres) await startPostgres();
  if (chromium !== null) await openPage();
  writeFileSync(process.env.BROKEN_RUN_READY!, 'all of it runs');
  await new Promise(() => {});
});
