/** Background jobs of push messages. */
import { housekeeping } from '../jobs/housekeeping.ts';
import { handle, type FeatureJobs } from '../jobs/job.ts';
import type { Statement } from '../ports/database.ts';
import { pushMessage, sendPush, type SendPushDeps } from './send-push.ts';

const stale: readonly Statement<never>[] = [
  // Nobody has taken them while push messages were off.
  { name: 'stale_push_due', text: `delete from push_due where ended_at < now() - interval '1 day'` },
];

export function pushJobs(deps: SendPushDeps): FeatureJobs {
  const { db, push } = deps;
  return {
    handlers: push === null ? [] : [handle(pushMessage, (due, leaving) => sendPush({ ...deps, push }, due, leaving))],
    periodic: [housekeeping('push', db, stale)],
  };
}
