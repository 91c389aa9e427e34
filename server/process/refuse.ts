/** Ends a process that cannot start: one sentence for `StartRefused`, a stack with causes for unexpected errors. */
import cluster from 'node:cluster';
import { inspect } from 'node:util';
import { StartRefused } from '../config/start-refused.ts';

/** Message from a forked process to the primary, which prints it once. */
export interface Refusal {
  readonly refused: string;
}

/** Prints the reason and exits with code 1. */
export function refuse(error: unknown, heading = ''): void {
  const text = error instanceof StartRefused ? `${heading}${error.message}\n` : `${inspect(error)}\n`;
  const end = () => process.exit(1);
  const refusal: Refusal = { refused: text };
  if (cluster.isWorker && process.connected) process.send?.(refusal, undefined, undefined, end);
  else process.stderr.write(text, end);
}
