/** Runs several processes on one port. The primary forks them, replaces those that die, and forwards signals. */
import cluster, { type Worker } from 'node:cluster';
import type { Config } from '../config/config.ts';
import type { Refusal } from './refuse.ts';

const restartAfterMs = 1000;

/** Forks `webConcurrency` processes of this program. Calls `onReady` once, when the first one listens. */
export function runPrimary(config: Config, onReady: (url: string | null) => void): void {
  let stopping = false;
  let announced = false;
  let said = '';

  function start(): void {
    const startedAt = Date.now();
    let wasReady = false;
    const child: Worker = cluster.fork();
    child.on('message', (message: { ready?: string | null } & Partial<Refusal>) => {
      if (message.refused !== undefined) sayOnce(message.refused);
      if (message.ready === undefined) return;
      said = '';
      wasReady = true;
      if (!announced) onReady(message.ready);
      announced = true;
    });
    child.on('exit', () => {
      if (stopping) return;
      // A process that was refused at start is not restarted.
      if (!wasReady && !announced) stop('SIGTERM', 1);
      else setTimeout(() => !stopping && start(), Math.max(0, restartAfterMs - (Date.now() - startedAt)));
    });
  }

  /** Every process reports the same refusal; it is printed once. */
  function sayOnce(text: string): void {
    if (text !== said) process.stderr.write(text);
    said = text;
  }

  function stop(signal: NodeJS.Signals, exitCode: number): void {
    stopping = true;
    process.exitCode = exitCode;
    for (const child of Object.values(cluster.workers ?? {})) child?.process.kill(signal);
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop('SIGTERM', 0));
  for (let count = 0; count < config.webConcurrency; count++) start();
}
