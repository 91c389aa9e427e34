/** Whether workers really take replies. */
import type { Connection } from '../ports/database.ts';
import { readBacklog } from './backlog-store.ts';

const longestWaitSeconds = 30;

/** Proves that work is taken, not merely that sockets are open: rejects when no worker lives or due replies wait. */
export async function checkConsumption(db: Connection): Promise<void> {
  const { workersAlive, oldestSeconds } = await readBacklog(db);
  if (workersAlive === 0) throw new Error('no worker is alive');
  if (oldestSeconds > longestWaitSeconds) throw new Error('due replies are not taken');
}
