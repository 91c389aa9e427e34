/** Deletes what is of no use any more, so that tables do not grow for ever. */
import type { Database, Statement } from '../ports/database.ts';
import type { PeriodicJob } from './job.ts';

const everyTenMinutes = '*/10 * * * *';

/** Runs a feature's deletions, one after the other. */
export function housekeeping(feature: string, db: Database, stale: readonly Statement<never>[]): PeriodicJob {
  return {
    name: `${feature}/housekeeping`,
    cron: everyTenMinutes,
    async run() {
      for (const statement of stale) await db.run(statement, []);
    },
  };
}
