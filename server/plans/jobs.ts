/** What quotas do in the background. */
import { housekeeping } from '../jobs/housekeeping.ts';
import type { FeatureJobs } from '../jobs/job.ts';
import type { Database, Statement } from '../ports/database.ts';

const stale: readonly Statement<never>[] = [
  { name: 'stale_kept_usage', text: `delete from kept_usage where day < pollux_today()` },
  // The newest is in force; earlier ones tell a process that its file is an old copy.
  { name: 'stale_catalogs', text: `delete from catalogs where id <= (select max(id) from catalogs) - 50` },
  // Like the payments, beside which they are read.
  { name: 'stale_plan_changes', text: `delete from plan_changes where created_at < now() - interval '10 years'` },
];

export function planJobs({ db }: { readonly db: Database }): FeatureJobs {
  return { handlers: [], periodic: [housekeeping('plans', db, stale)] };
}
