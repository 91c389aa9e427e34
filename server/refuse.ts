/** How a process ends that cannot start: one sentence for whoever started it, a stack for what nobody foresaw. */
import cluster from 'node:cluster';
import { StartRefused } from './start-refused.ts';

/** What a process that shares a port tells the one that started it, which says it once for all. */
export interface Refusal {
  readonly refused: string;
}

/** Prints why and ends with code 1, whatever is still open. */
export function refuse(error: unknown, heading = ''): void {
  const text =
    error instanceof StartRefused
      ? `${heading}${error.message}\n`
      : `${error instanceof Error ? error.stack : String(error)}\n`;
  const end = () => process.exit(1);
  const refusal: Refusal = { refused: text };
  if (cluster.isWorker && process.connected) process.send?.(refusal, undefined, undefined, end);
  else process.stderr.write(text, end);
}
