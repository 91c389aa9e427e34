/** Runs the product as real processes, started from `server/main.ts` and ended by signals. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { shippedFlags } from '../scripts/shipped-flags.ts';
import type { Role } from '../server/config/config.ts';
import { endWithUs } from './guard.ts';
import { testEnvironment, type Environment } from './harness.ts';

const here = fileURLToPath(new URL('..', import.meta.url));

export interface ProcessOptions {
  /** A command that runs its arguments. */
  readonly launcher?: readonly string[];
  /** Folder of another version; by default this one. */
  readonly root?: string;
}

export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  /** Its URL; empty for a worker. */
  readonly url: string;
  /** Its output so far, both streams. */
  readonly output: () => string;
  /** Sends a signal and, unless it is STOP or CONT, waits for the exit; returns the exit code or the signal's name. */
  kill(signal?: NodeJS.Signals): Promise<number | string | null>;
}

/** Starts one process and waits for its banner; rejects with its output when it exits before that. */
export async function startProcess(
  environment: Environment,
  role: Role = 'all',
  { launcher = [], root = here }: ProcessOptions = {},
): Promise<RunningProcess> {
  const [command, ...args] = [
    ...launcher,
    process.execPath,
    ...shippedFlags(role),
    path.join(root, 'server/main.ts'),
    role,
  ];
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, ...testEnvironment, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child);
  let output = '';
  const banner = Promise.withResolvers<string>();
  const listen = (chunk: Buffer) => {
    output += chunk.toString();
    const open = /^ {2}Pollux [\s\S]*?\n\n([\s\S]*?)\n(\n|$)/m.exec(output)?.[1];
    if (open !== undefined) banner.resolve(/^ *Open +(http\S+)/m.exec(open)?.[1] ?? '');
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  child.once('exit', (code) => banner.reject(new Error(`the process ended with ${code}:\n${output}`)));
  const url = await banner.promise;
  return {
    pid: child.pid!,
    url,
    output: () => output,
    kill: (signal = 'SIGTERM') => end(child, signal),
    async [Symbol.asyncDispose]() {
      await end(child, 'SIGKILL');
    },
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | string | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode;
  child.kill(signal);
  if (signal === 'SIGSTOP' || signal === 'SIGCONT') return null;
  await once(child, 'exit');
  return child.exitCode ?? child.signalCode;
}
