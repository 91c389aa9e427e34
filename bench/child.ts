/** Child processes of a run: started with their output in a file, measured through /proc, ended with the run. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
/** USER_HZ: the unit of times in /proc/<pid>/stat is a hundredth of a second on every Linux. */
const ticksPerSecond = 100;
const readyWithinMs = 30_000;

/** Kills the processes of a run that fails. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** CPU time used since its start, user and system, in seconds. */
  cpuSeconds(): number;
  rssMb(): number;
  /** The highest resident set so far. */
  peakRssMb(): number;
  /** Ends it and waits for its exit. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ChildOptions {
  /** Folder for its output. */
  readonly logs: string;
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
  /** User to run under, when we are root. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Starts a program; its output goes to `<logs>/<name>.log`. */
export function startChild(command: string, args: readonly string[], options: ChildOptions): Child {
  const logFile = openSync(path.join(options.logs, `${options.name}.log`), 'a');
  const child = spawn(command, args, {
    cwd: root,
    env: { PATH: process.env.PATH, ...options.env },
    stdio: ['ignore', logFile, logFile],
    ...(options.uid !== undefined && { uid: options.uid, gid: options.gid }),
  });
  closeSync(logFile);
  running.add(child);
  child.once('exit', () => running.delete(child));
  const stop = (signal: NodeJS.Signals = 'SIGKILL') => end(child, signal);
  return {
    pid: child.pid!,
    cpuSeconds: () => cpuSecondsOf(child.pid!),
    rssMb: () => memoryMb(child.pid!, 'VmRSS'),
    peakRssMb: () => memoryMb(child.pid!, 'VmHWM'),
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}

/** Starts a Node program of this repository; `flags` are Node's own. */
export function startNode(
  entry: string,
  args: readonly string[],
  { flags = [], ...options }: ChildOptions & { readonly flags?: readonly string[] },
): Child {
  return startChild(process.execPath, [...flags, path.join(root, entry), ...args], options);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name in brackets may contain spaces; fields are counted after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function memoryMb(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** Resolves when `url` answers 2xx; rejects after half a minute. */
export async function answers(url: string, { everyMs = 25 } = {}): Promise<void> {
  const giveUpAt = Date.now() + readyWithinMs;
  for (;;) {
    const response = await fetch(url).catch(() => null);
    await response?.arrayBuffer();
    if (response?.ok) return;
    if (Date.now() > giveUpAt) throw new Error(`${url} does not answer`);
    await pause(everyMs);
  }
}
