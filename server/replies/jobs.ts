/** Background jobs of replies. Generation is not one of them: it has its own engine. */
import { housekeeping } from '../jobs/housekeeping.ts';
import { handle, type FeatureJobs } from '../jobs/job.ts';
import type { Database, Statement } from '../ports/database.ts';
import { summarise, summaryDue, type SummaryDeps } from './summary.ts';
import { nameRoom, titleDue, type TitleDeps } from './title.ts';

const stale: readonly Statement<never>[] = [
  { name: 'stale_file_copies', text: `delete from file_copies where until < now()` },
  { name: 'stale_pauses', text: `delete from model_pauses where until < now() - interval '1 day'` },
  {
    name: 'stale_workers',
    text: `delete from workers w where seen_at < now() - interval '1 day'
      and not exists (select from replies r where r.worker_id = w.id and r.status = 'generating')`,
  },
];

export interface ReplyJobsDeps extends TitleDeps, Pick<SummaryDeps, 'storage'> {
  readonly db: Database;
}

export function replyJobs(deps: ReplyJobsDeps): FeatureJobs {
  return {
    handlers: [
      handle(summaryDue, ({ replyId }, leaving) => summarise(deps, replyId, leaving)),
      handle(titleDue, ({ replyId }, leaving) => nameRoom(deps, replyId, leaving)),
    ],
    periodic: [housekeeping('replies', deps.db, stale)],
  };
}
