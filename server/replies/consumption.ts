/** Health check: workers claim replies. */
import type { Plans } from '../config/catalog.ts';
import type { Connection } from '../ports/database.ts';
import { readBacklog } from './backlog-store.ts';

const longestWaitSeconds = 30;

/** Rejects if no worker is alive or due replies have waited too long. */
export async function checkConsumption(db: Connection, plans: Plans): Promise<void> {
  const { workersAlive, oldestSeconds } = await readBacklog(db, plans);
  if (workersAlive === 0) throw new Error('no worker is alive');
  if (oldestSeconds > longestWaitSeconds) throw new Error('due replies are not claimed');
}
