/** Deletes stale rows, so that tables do not grow without bound. */
import type { Database, Statement } from '../ports/database.ts';
import type { PeriodicJob } from './job.ts';

const everyTenMinutes = '*/10 * * * *';

/** Runs a feature's deletions sequentially. */
export function housekeeping(feature: string, db: Database, stale: readonly Statement<never>[]): PeriodicJob {
  return {
    name: `${feature}/housekeeping`,
    cron: everyTenMinutes,
    async run() {
      for (const statement of stale) await db.run(statement, []);
    },
  };
}
