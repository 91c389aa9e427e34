/** `npm run compare:engines`: Pollux, BullMQ and pg-boss answer the same questions under the same faults; prints a table. */
import { parseArgs } from 'node:util';
import { randomFrom, seed } from '../../random.ts';
import { startPostgres } from '../postgres-server.ts';
import { openStage } from '../stage.ts';
import { pause, percentile, seconds, until } from '../waiting.ts';
import { engineFaults, type EngineFault } from './engine-faults.ts';
import { question, type Engine, type EngineFindings, type Variant } from './engine.ts';
import { plain } from './plain.ts';
import { pollux } from './pollux.ts';

const variants: readonly Variant[] = [
  plain('pg-boss', 'pg-boss', false),
  plain('BullMQ', 'bullmq', false),
  pollux,
  plain('BullMQ, tuned', 'bullmq', true, ['--appendonly', 'yes']),
  plain('pg-boss, tuned', 'pg-boss', true),
];

/** Waves exceed the 16 places of all workers, so that some questions wait. */
const wave = { questions: 24, everyMs: 6000, withinMs: 1000 };
const waves = 9;
/** pg-boss expires a job after 15 minutes, and checks once a minute. */
const boundMs = 17 * 60_000;

interface Cell extends EngineFindings {
  readonly fault: string;
  readonly engine: string;
  readonly questions: number;
  /** Model calls for a question beyond its first. */
  readonly repeats: number;
  /** From the fault to the model call of the next attempt, in seconds. */
  readonly takeovers: readonly number[];
}

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, at: { type: 'string', default: '3' } },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.stdout.write(`TEST_SEED=${seed}\n`);
const cells = await runAll(Number(values.at));
process.stdout.write(`\n${tableOf(cells)}\n`);

/** Asks and injects faults in `lanes` cells at a time; late takeovers are awaited meanwhile. */
async function runAll(lanes: number): Promise<Cell[]> {
  const wanted = variants.flatMap((variant) => engineFaults.map((fault) => ({ variant, fault })));
  const queue = wanted.filter(({ variant, fault }) => `${variant.name}: ${fault.name}`.includes(values.only));
  const running: Promise<Cell>[] = [];
  async function lane(): Promise<void> {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const asked = Promise.withResolvers<void>();
      const cell = runCell(next.variant, next.fault, asked.resolve).finally(asked.resolve);
      cell.catch(() => {});
      running.push(cell);
      await asked.promise;
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
  return Promise.all(running);
}

async function runCell(variant: Variant, fault: EngineFault, onAsked: () => void): Promise<Cell> {
  await using postgres = await startPostgres();
  await using stage = await openStage(postgres, { redis: variant.redis });
  const questions = wave.questions * waves;
  await using engine = await variant.open(stage, questions);
  const injecting = fault.inject(stage, engine.workers, randomFrom(seed));
  await Promise.all([injecting, askAll(engine)]);
  onAsked();
  await until('all is done', boundMs, async () => (await engine.pending()) === 0).catch(() => {});
  // A worker that was frozen may still write.
  await pause(5000);
  const calls = (await stage.fake.requests()).filter((call) => call.question.endsWith(question));
  const faults = await injecting;
  const takeovers = calls
    .filter(({ asking }) => asking > 1)
    .map((call) => {
      const before = calls.findLast((other) => other.question === call.question && other.asking === call.asking - 1)!;
      const broken = before.closedByClient ? before.endedAt : faults.find((at) => at >= before.at);
      return (call.at - (broken ?? before.at)) / 1000;
    });
  const cell = { fault: fault.name, engine: variant.name, questions, repeats: takeovers.length, takeovers };
  const whole = { ...cell, ...(await engine.findings()) };
  process.stdout.write(`${JSON.stringify(whole)}\n`);
  return whole;
}

async function askAll(engine: Engine): Promise<void> {
  const random = randomFrom(seed + 1);
  const asking: Promise<void>[] = [];
  for (let turn = 0; turn < waves; turn++) {
    const endsAt = Date.now() + wave.everyMs;
    for (let index = 0; index < wave.questions; index++) {
      await pause(random((2 * wave.withinMs) / wave.questions));
      asking.push(engine.ask(turn * wave.questions + index));
    }
    await pause(Math.max(0, endsAt - Date.now()));
  }
  await Promise.all(asking);
}

const heads = 'fault|engine|lost|doubled|stale writes|garbled|repeated calls|takeover p50|p99|slowest answer'.split(
  '|',
);

function tableOf(cells: readonly Cell[]): string {
  const rows = engineFaults.flatMap(({ name }) => cells.filter(({ fault }) => fault === name).map(rowOf));
  return [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function rowOf({ fault, engine, lost, doubled, stale, garbled, repeats, takeovers, slowestSeconds }: Cell): unknown[] {
  const times = [0.5, 0.99].map((share) => (takeovers.length === 0 ? '–' : seconds(percentile(takeovers, share))));
  return [fault, engine, lost, doubled, stale, garbled, repeats, ...times, seconds(slowestSeconds)];
}
