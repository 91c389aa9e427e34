/** Several processes on one port: the primary starts them, replaces those that die, and passes signals on. */
import cluster, { type Worker } from 'node:cluster';
import type { Config } from './config.ts';
import type { Refusal } from './refuse.ts';

const restartAfterMs = 1000;

/** Forks `webConcurrency` processes of this program; `onReady` is called once, when the first of them listens. */
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
      // A process that cannot start now will not start by trying harder.
      if (!wasReady && !announced) stop('SIGTERM', 1);
      else setTimeout(() => !stopping && start(), Math.max(0, restartAfterMs - (Date.now() - startedAt)));
    });
  }

  /** All of them find the same fault. */
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
