/** The state of the queue of replies, for HTTP and the command line. */
import type { Plans } from '../config/catalog.ts';
import type { Connection } from '../ports/database.ts';
import { readBacklog } from '../replies/backlog-store.ts';
import type { QueueState } from './present.ts';
import { countUnfinished, listFailures, listPausedModels } from './queue-store.ts';

export async function readQueue(db: Connection, plans: Plans): Promise<QueueState> {
  const [backlog, unfinished, paused, failures] = await Promise.all([
    readBacklog(db, plans),
    countUnfinished(db),
    listPausedModels(db),
    listFailures(db),
  ]);
  return { backlog, unfinished, paused, failures };
}
