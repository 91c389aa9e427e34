/** Working: takes jobs as they come, one after the other without a pause, and looks for more when it is woken. */
import type { Job, PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import { comesRound, deleteAfterSeconds, queueOf } from './boss.ts';
import type { FeatureJobs, JobHandler, PeriodicJob } from './job.ts';

const roundsQueue = 'periodic';
const roundsAtOnce = 2;
/** pg-boss's own, which hands on what comes round; it would keep each for a week. */
const cronQueue = '__pgboss__send-it';
/** One of a kind's workers looks this often by itself, for retries and for wake-ups that were lost; the others more seldom. */
const pollSeconds = { first: 2, others: 15, rounds: 5 };

interface Work {
  readonly queue: string;
  readonly concurrency: number;
  readonly pollSeconds: (worker: number) => number;
  readonly run: (job: Job) => Promise<void>;
}

/** Starts workers for all that features have; the returned function makes them look at once for what was sent. */
export async function startWorkers(boss: PgBoss, features: readonly FeatureJobs[], log: Logger): Promise<() => void> {
  const handlers = features.flatMap((feature) => feature.handlers);
  const periodic = features.flatMap((feature) => feature.periodic);
  await boss.start();
  for (const { kind } of handlers) {
    const { policy, ...options } = queueOf(kind);
    await boss.createQueue(kind.name, { ...options, policy });
    await boss.updateQueue(kind.name, options);
  }
  await scheduleRounds(boss, periodic);
  await startWork(boss, roundsOf(periodic, log));
  const wakes = await Promise.all(handlers.map((handler) => startWork(boss, workOf(handler, log))));
  return () => {
    for (const wake of wakes) wake();
  };
}

async function scheduleRounds(boss: PgBoss, periodic: readonly PeriodicJob[]): Promise<void> {
  await boss.createQueue(roundsQueue, { ...comesRound, policy: 'exclusive' });
  await boss.updateQueue(cronQueue, { deleteAfterSeconds });
  for (const { name, cron } of periodic) {
    await boss.schedule(roundsQueue, cron, { name }, { key: name, singletonKey: name });
  }
}

/**
 * The returned function makes a worker look that has no job. One that finds a job makes another look, so that a wake-up
 * costs a statement and not one a worker; and looks itself when it is done, where pg-boss would sleep.
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
        log.warn({ job: kind.name, key: kind.key(data), err: error }, 'a job failed, trying again');
        throw new Failed();
      }
    },
  };
}

function roundsOf(periodic: readonly PeriodicJob[], log: Logger): Work {
  const byName = new Map(periodic.map((job) => [job.name, job]));
  return {
    queue: roundsQueue,
    concurrency: roundsAtOnce,
    pollSeconds: () => pollSeconds.rounds,
    async run({ data, signal }) {
      const { name } = data as { readonly name: string };
      try {
        // A newer process may have scheduled what this one does not know.
        await byName.get(name)?.run(signal);
      } catch (error) {
        log.warn({ job: name, err: error }, 'a periodic job failed');
        throw new Failed();
      }
    },
  };
}

/** What pg-boss keeps of a failure: nothing that an error may quote. */
class Failed extends Error {
  override readonly name = 'Failed';
  constructor() {
    super('the log has the reason');
  }
}
