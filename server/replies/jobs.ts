/** Background jobs of replies. Generation is not one of them: it has its own engine. */
import { housekeeping } from '../jobs/housekeeping.ts';
import type { FeatureJobs } from '../jobs/job.ts';
import type { Database, Statement } from '../ports/database.ts';

const stale: readonly Statement<never>[] = [
  { name: 'stale_pauses', text: `delete from model_pauses where until < now() - interval '1 day'` },
  {
    name: 'stale_workers',
    text: `delete from workers w where seen_at < now() - interval '1 day'
      and not exists (select from replies r where r.worker_id = w.id and r.status = 'generating')`,
  },
];

export function replyJobs({ db }: { readonly db: Database }): FeatureJobs {
  return { handlers: [], periodic: [housekeeping('replies', db, stale)] };
}
