/** What quotas do in the background. */
import { housekeeping } from '../jobs/housekeeping.ts';
import type { FeatureJobs } from '../jobs/job.ts';
import type { Database, Statement } from '../ports/database.ts';

const stale: readonly Statement<never>[] = [
  { name: 'stale_kept_usage', text: `delete from kept_usage where day < pollux_today()` },
];

export function planJobs({ db }: { readonly db: Database }): FeatureJobs {
  return { handlers: [], periodic: [housekeeping('plans', db, stale)] };
}
