/** Rolls up the days of the ledger that are over, and again those that were written to since. */
import { staleAudit } from '../audit/store.ts';
import { housekeeping } from '../jobs/housekeeping.ts';
import type { FeatureJobs } from '../jobs/job.ts';
import type { Database } from '../ports/database.ts';
import { listDaysDue, markDay, writeRollups } from './rollup-store.ts';

const everyTenMinutes = '*/10 * * * *';
/** More are left to the next run; until then they are read from the ledger. */
const mostDays = 100;

/** Each day in a transaction that writes all of it anew, so that late and repeated runs change nothing. */
export async function rollUpDays(db: Database, signal: AbortSignal): Promise<void> {
  for (const day of await listDaysDue(db, mostDays)) {
    signal.throwIfAborted();
    await db.transaction(async (tx) => {
      await markDay(tx, day);
      await writeRollups(tx, day);
    });
  }
}

export function adminJobs({ db }: { readonly db: Database }): FeatureJobs {
  const run = (signal: AbortSignal) => rollUpDays(db, signal);
  return {
    handlers: [],
    periodic: [{ name: 'admin/roll-up', cron: everyTenMinutes, run }, housekeeping('admin', db, [staleAudit])],
  };
}
