/** `npm run test:faults`: injects faults into real processes, prints one table, and writes it to docs/reliability.md. */
import { parseArgs } from 'node:util';
import { seed } from '../random.ts';
import { canSpawnRedis } from '../redis-server.ts';
import { canSpawnPostgres, startPostgres, type PostgresServer } from './postgres-server.ts';
import { keepRecord } from './records.ts';
import { missed, rowOf, textTable, type Row } from './report.ts';
import { countsFor, type Counts, type Scenario, type Size } from './scenario.ts';
import { scenarios } from './scenarios.ts';
import { openStage } from './stage.ts';

/** More are not printed. */
const mostMisses = 20;

const help = `Usage: npm run test:faults -- [--quick] [NAME ...]

Runs every scenario (or those named) on a PostgreSQL and a Redis of its own, and exits with 1 when a promise is missed.
Each row goes into docs/reliability.md, in place of the scenario's previous one. --quick does a tenth of the work and
writes nothing. FAULT_SCALE multiplies all counts, and writes nothing either. FAULTS_LOG_LEVEL=warn lets the processes log.

Scenarios: ${scenarios.map(({ name }) => name).join(' ')}
`;

// `exit` runs the exit handlers, which end all started processes.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean' }, tiny: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return say(help, 0);
  const unknown = positionals.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) return say(`No such scenario: ${unknown.join(', ')}. See --help.\n`, 1);
  if (!canSpawnPostgres || !canSpawnRedis) {
    return say('This needs PostgreSQL and Redis to be installed: apt-get install postgresql redis-server\n', 1);
  }
  const size: Size = values.tiny ? 'tiny' : values.quick ? 'quick' : 'full';
  say(`TEST_SEED=${seed}\n`, 0);
  const chosen = positionals.length === 0 ? scenarios : scenarios.filter(({ name }) => positionals.includes(name));
  const factor = Number(process.env.FAULT_SCALE) || 1;
  const rows = await runAll(chosen, size, factor);
  say(`\n${textTable(rows)}\n`, 0);
  return rows.some(missed) ? 1 : 0;
}

async function runAll(chosen: readonly Scenario[], size: Size, factor: number): Promise<Row[]> {
  await using postgres = await startPostgres();
  const counts = countsFor(size, factor);
  const rows: Row[] = [];
  for (const scenario of chosen) {
    say(`${scenario.name} … `, 0);
    if (scenario.missing) {
      say(`skipped: needs ${scenario.missing}\n`, 0);
      continue;
    }
    const startedAt = performance.now();
    const row = await runOne(scenario, postgres, counts);
    rows.push(row);
    const tookSeconds = Math.round((performance.now() - startedAt) / 1000);
    say(`${missed(row) ? 'MISSED' : 'kept'} (${tookSeconds} s)\n`, 0);
    for (const line of row.misses.slice(0, mostMisses)) say(`    ${line}\n`, 0);
    if (row.misses.length > mostMisses) say(`    and ${row.misses.length - mostMisses} more\n`, 0);
    if (size === 'full' && factor === 1) await keepRecord(row, tookSeconds, postgres.version);
  }
  return rows;
}

async function runOne(scenario: Scenario, postgres: PostgresServer, counts: Counts): Promise<Row> {
  // The last scenario may have left it dead.
  await postgres.start();
  try {
    await using stage = await openStage(postgres);
    return rowOf(scenario, await scenario.run(stage, counts));
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { scenario, outcome: null, misses: [`the scenario failed: ${what}`] };
  }
}

function say(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}
