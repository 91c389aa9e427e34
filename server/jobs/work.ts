/** Runs jobs: each worker takes one after the other without a pause, and polls when woken. */
import type { Job, PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import { deleteAfterSeconds, periodicOptions, queueOf } from './boss.ts';
import type { FeatureJobs, JobHandler, PeriodicJob } from './job.ts';

const periodicQueue = 'periodic';
const periodicConcurrency = 2;
/** pg-boss's queue for due schedules, whose jobs it would keep for a week. */
const cronQueue = '__pgboss__send-it';
/** Polling intervals, for retries and lost wake-ups; only the first worker of a kind polls often. */
const pollSeconds = { first: 2, others: 15, periodic: 5 };

interface Work {
  readonly queue: string;
  readonly concurrency: number;
  readonly pollSeconds: (worker: number) => number;
  readonly run: (job: Job) => Promise<void>;
}

/** Starts workers for the features' jobs; the returned function wakes one idle worker per kind. */
export async function startWorkers(boss: PgBoss, features: readonly FeatureJobs[], log: Logger): Promise<() => void> {
  const handlers = features.flatMap((feature) => feature.handlers);
  const periodic = features.flatMap((feature) => feature.periodic);
  await boss.start();
  for (const { kind } of handlers) {
    const { policy, ...options } = queueOf(kind);
    await boss.createQueue(kind.name, { ...options, policy });
    await boss.updateQueue(kind.name, options);
  }
  await schedulePeriodic(boss, periodic);
  await startWork(boss, periodicWork(periodic, log));
  const wakes = await Promise.all(handlers.map((handler) => startWork(boss, workOf(handler, log))));
  return () => {
    for (const wake of wakes) wake();
  };
}

async function schedulePeriodic(boss: PgBoss, periodic: readonly PeriodicJob[]): Promise<void> {
  await boss.createQueue(periodicQueue, { ...periodicOptions, policy: 'exclusive' });
  await boss.updateQueue(cronQueue, { deleteAfterSeconds });
  for (const { name, cron } of periodic) {
    await boss.schedule(periodicQueue, cron, { name }, { key: name, singletonKey: name });
  }
}

/**
 * The returned function makes one idle worker poll. A worker that finds a job wakes another, so that a wake-up costs one statement
 * and not one per worker; when done it polls again at once, where pg-boss would sleep.
 */
async function startWork(boss: PgBoss, { queue, concurrency, pollSeconds: poll, run }: Work): Promise<() => void> {
  const workers: string[] = [];
  const busy = new Set<string>();
  const wakeOne = () => {
    const idle = workers.find((id) => !busy.has(id));
    if (idle !== undefined) boss.notifyWorker(idle);
  };
  for (let worker = 0; worker < concurrency; worker++) {
    const id = boss.work<object>(queue, { pollingIntervalSeconds: poll(worker) }, async ([job]) => {
      const self = await id;
      busy.add(self);
      wakeOne();
      try {
        if (job !== undefined) await run(job);
      } finally {
        busy.delete(self);
        boss.notifyWorker(self);
      }
    });
    workers.push(await id);
  }
  return wakeOne;
}

function workOf({ kind, run }: JobHandler, log: Logger): Work {
  return {
    queue: kind.name,
    concurrency: kind.concurrency,
    pollSeconds: (worker) => (worker === 0 ? pollSeconds.first : pollSeconds.others),
    async run({ data, signal }) {
      try {
        await run(data, signal);
      } catch (error) {
        log.warn({ job: kind.name, key: kind.key(data), err: error }, 'a job failed, will be retried');
        throw new Failed();
      }
    },
  };
}

function periodicWork(periodic: readonly PeriodicJob[], log: Logger): Work {
  const byName = new Map(periodic.map((job) => [job.name, job]));
  return {
    queue: periodicQueue,
    concurrency: periodicConcurrency,
    pollSeconds: () => pollSeconds.periodic,
    async run({ data, signal }) {
      const { name } = data as { readonly name: string };
      try {
        // A newer version may have scheduled a job that this one does not know.
        await byName.get(name)?.run(signal);
      } catch (error) {
        log.warn({ job: name, err: error }, 'a periodic job failed');
        throw new Failed();
      }
    },
  };
}

/** The error that pg-boss stores; the original may quote personal data. */
class Failed extends Error {
  override readonly name = 'Failed';
  constructor() {
    super('the log has the reason');
  }
}
