/** Opens live connections, keeps them open briefly, and reports the memory that the server used for them. */
import { readFileSync } from 'node:fs';
import { openStreams, type StreamTarget } from './connections.ts';

export interface IdleTask extends StreamTarget {
  /** The server's process. */
  readonly pid: number;
}

export interface IdleReport {
  readonly beforeKb: number;
  readonly afterKb: number;
  readonly openedInSeconds: number;
}

const settleMs = 1000;

process.once('message', (task) => void run(task as IdleTask));

async function run(task: IdleTask): Promise<void> {
  const beforeKb = rssKb(task.pid);
  const startedAt = performance.now();
  const sockets = await openStreams(task);
  const openedInSeconds = (performance.now() - startedAt) / 1000;
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const report: IdleReport = { beforeKb, afterKb: rssKb(task.pid), openedInSeconds };
  for (const socket of sockets) socket.resetAndDestroy();
  process.send?.(report);
}

function rssKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
}
