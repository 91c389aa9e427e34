/** Background work on pg-boss, in whichever database there is. */
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
   * Takes nothing more and waits for what runs, `graceMs` at most; what is left is handed back for another process to
   * run.
   */
  stop(graceMs: number): Promise<void>;
}

export interface OpenJobs extends Jobs {
  /** Runs jobs in this process, until stopped. */
  work(features: readonly FeatureJobs[]): Promise<WorkingJobs>;
}

/** A look finds all jobs there are, so it stands for all wake-ups that wait. */
const wakeUpsAtOnce = 1000;

/** `works` when this process will run jobs, not only send them. */
export function openJobs({ db, wakeUps, log }: JobsDeps, works: boolean): OpenJobs {
  let opening: Promise<{ boss: PgBoss; queues: Queues }> | null = null;

  function open() {
    opening ??= createBoss(db, works, log).then((boss) => ({ boss, queues: queuesOf(boss) }));
    return opening;
  }
  // Loaded beside the rest of a start that will need it.
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
