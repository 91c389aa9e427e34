/** Start: four processes at once on an empty database, and a second process on an embedded folder. */
import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { readFileSync } from 'node:fs';
import { startProcess } from '../../processes.ts';
import { readiness } from '../probe.ts';
import { lessThan, type Scenario } from '../scenario.ts';
import { startEmbedded } from '../service.ts';
import type { Stage } from '../stage.ts';

export const start: Scenario = {
  name: 'start',
  promise: 'Four processes start at once on an empty database; a second process on one folder is refused',
  async run(stage, counts) {
    const times = counts(20, 3, 1);
    const refusals = counts(5, 2, 1);
    const broken: string[] = [];
    for (let time = 0; time < times; time++) broken.push(...(await startFour(stage)));
    for (let time = 0; time < refusals; time++) broken.push(...(await startTwice(stage)));
    return {
      faults: times + refusals,
      operations: times * 4 + refusals * 2,
      lost: 0,
      doubled: 0,
      worstRecoverySeconds: null,
      broken,
      shorter: lessThan(20, times, 'times'),
    };
  },
};

const journal = new URL('../../../server/migrations/meta/_journal.json', import.meta.url);
const migrations = (JSON.parse(readFileSync(journal, 'utf8')) as { entries: unknown[] }).entries.length;

async function startFour(parent: Stage): Promise<string[]> {
  await using stage = await parent.another();
  const roles = ['api', 'worker', 'api', 'worker'] as const;
  const started = await Promise.allSettled(roles.map((role) => stage.start(role)));
  const failed = started.filter((one) => one.status === 'rejected').map((one) => String(one.reason).split('\n')[0]!);
  const [row] = await stage.sql<{ applied: number }>(
    `select count(*)::int as applied from drizzle.__drizzle_migrations`,
  );
  const apis = started.filter((one) => one.status === 'fulfilled').filter((one) => one.value.url !== '');
  const states = await Promise.all(apis.map(({ value }) => readiness(value.url)));
  return [
    ...failed.map((reason) => `one of four did not start: ${reason}`),
    ...(row!.applied === migrations ? [] : [`${row!.applied} migrations applied, not ${migrations}`]),
    ...states.filter((state) => state !== 'ok').map((state) => `readiness after the start: ${state}`),
  ];
}

async function startTwice({ folder, fake }: Stage): Promise<string[]> {
  const directory = await mkdtemp(path.join(folder, 'embedded-'));
  await using first = await startEmbedded(directory, fake.url);
  const second = await startProcess({ DATA_DIR: directory }).then(
    async (running) => {
      await running[Symbol.asyncDispose]();
      return 'started';
    },
    (error: Error) => error.message,
  );
  const refused = second.includes(`pid ${first.pid}`) && second.includes('did not start');
  const alive = await readiness(first.url);
  return [
    ...(refused ? [] : [`a second process on one folder: ${second}`]),
    ...(alive === 'ok' ? [] : [`after that the first one is ${alive}`]),
  ];
}
