/** Background jobs of messages. */
import { housekeeping } from '../jobs/housekeeping.ts';
import type { FeatureJobs } from '../jobs/job.ts';
import type { Database, Statement } from '../ports/database.ts';

const stale: readonly Statement<never>[] = [
  { name: 'stale_keys', text: `delete from idempotency_keys where created_at < now() - interval '24 hours'` },
];

export function messageJobs({ db }: { readonly db: Database }): FeatureJobs {
  return { handlers: [], periodic: [housekeeping('messages', db, stale)] };
}
