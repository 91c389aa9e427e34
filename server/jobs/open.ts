/** Background work on pg-boss, in either database. */
import type { PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import type { Database } from '../ports/database.ts';
import type { WakeUps } from '../ports/wake-ups.ts';
import { createBoss } from './boss.ts';
import type { FeatureJobs, Jobs } from './job.ts';
import { queuesOf, sendWith, type Queues } from './send.ts';
import { startWorkers } from './work.ts';

export interface JobsDeps {
  readonly db: Database;
  readonly wakeUps: WakeUps;
  readonly log: Logger;
}

export interface WorkingJobs {
  /**
   * Takes no more jobs and waits for running ones, at most `graceMs`; the rest is released for another process.
   */
  stop(graceMs: number): Promise<void>;
}

export interface OpenJobs extends Jobs {
  /** Runs jobs in this process, until stopped. */
  work(features: readonly FeatureJobs[]): Promise<WorkingJobs>;
}

/** One poll finds all jobs, so it consumes all pending wake-ups. */
const wakeUpsAtOnce = 1000;

/** `works`: this process runs jobs, not only sends them. */
export function openJobs({ db, wakeUps, log }: JobsDeps, works: boolean): OpenJobs {
  let opening: Promise<{ boss: PgBoss; queues: Queues }> | null = null;

  function open() {
    opening ??= createBoss(db, works, log).then((boss) => ({ boss, queues: queuesOf(boss) }));
    return opening;
  }
  // Loads pg-boss concurrently with the rest of the start.
  if (works) open().catch(() => {});

  return {
    async transaction(kinds, work) {
      const { boss, queues } = await open();
      await queues.prepare(kinds);
      let sent = 0;
      const result = await db.transaction((tx) =>
        work(
          tx,
          sendWith(boss, tx, () => sent++),
        ),
      );
      if (sent > 0) wakeUps.wake('jobs');
      return result;
    },
    async work(features) {
      const { boss } = await open();
      const wake = await startWorkers(boss, features, log);
      const listening = wakeUps.listen('jobs', async () => wakeUpsAtOnce, wake);
      return {
        async stop(graceMs) {
          await listening[Symbol.asyncDispose]();
          await boss.stop({ graceful: graceMs > 0, timeout: graceMs, close: false });
        },
      };
    },
  };
}
