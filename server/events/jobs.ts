/** What live feeds do in the background. */
import { housekeeping } from '../jobs/housekeeping.ts';
import type { FeatureJobs } from '../jobs/job.ts';
import type { Database, Statement } from '../ports/database.ts';

const stale: readonly Statement<never>[] = [
  { name: 'stale_tickets', text: `delete from event_tickets where expires_at < now()` },
];

export function eventJobs({ db }: { readonly db: Database }): FeatureJobs {
  return { handlers: [], periodic: [housekeeping('events', db, stale)] };
}
