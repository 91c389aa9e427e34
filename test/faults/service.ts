/** A product process that can be killed and started again at the same address. */
import { existsSync, readFileSync } from 'node:fs';
import type { Role } from '../../server/config/config.ts';
import { askAt, type Environment } from '../harness.ts';
import { startProcess, type RunningProcess } from '../processes.ts';
import { stablePort } from './ports.ts';

export interface Service extends AsyncDisposable {
  readonly role: Role;
  /** The same over all starts; empty for a worker. */
  readonly url: string;
  readonly pid: number;
  readonly output: () => string;
  /** Sends a signal and, unless it is STOP or CONT, waits for the end; gives the exit code or the signal's name. */
  kill(signal: NodeJS.Signals): Promise<number | string | null>;
  /** Starts it again after its end; resolves when it serves. */
  start(): Promise<void>;
  /** Memory it holds, in bytes. */
  residentBytes(): number;
  /** The most it held since its start, in bytes. */
  peakBytes(): number;
}

/** `launcher` is a command that runs the rest of its line. */
export async function startService(
  environment: Environment,
  role: Role,
  launcher: readonly string[] = [],
): Promise<Service> {
  const settings = role === 'worker' ? environment : { ...environment, PORT: String(await stablePort()) };
  let running: RunningProcess = await startProcess(settings, role, launcher);
  return {
    role,
    url: running.url,
    get pid() {
      return running.pid;
    },
    output: () => running.output(),
    kill: (signal) => running.kill(signal),
    async start() {
      running = await startProcess(settings, role, launcher);
    },
    residentBytes: () => memoryOf(running.pid, 'VmRSS'),
    peakBytes: () => memoryOf(running.pid, 'VmHWM'),
    async [Symbol.asyncDispose]() {
      await running.kill('SIGCONT');
      await running[Symbol.asyncDispose]();
    },
  };
}

function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const file = `/proc/${pid}/status`;
  const status = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) * 1024;
}

/** Starts the product without PostgreSQL and Redis, on a folder, asking the fake Gemini at `geminiUrl`. */
export function startEmbedded(directory: string, geminiUrl: string, more: Environment = {}): Promise<Service> {
  const environment = { BASIC_DAILY_LIMIT: '1000000', DATA_DIR: directory, ...askAt({ url: geminiUrl }) };
  return startService({ ...environment, ...more }, 'all');
}
