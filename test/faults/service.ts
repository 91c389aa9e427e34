/** A product process that can be killed and restarted at the same address. */
import { existsSync, readFileSync } from 'node:fs';
import type { Role } from '../../server/config/config.ts';
import { askAt, type Environment } from '../harness.ts';
import { startProcess, type ProcessOptions, type RunningProcess } from '../processes.ts';
import { stablePort } from './ports.ts';

export interface Service extends AsyncDisposable {
  readonly role: Role;
  /** Its URL, the same after restarts; empty for a worker. */
  readonly url: string;
  readonly pid: number;
  readonly output: () => string;
  /** Sends a signal and, unless it is STOP or CONT, waits for the exit; returns the exit code or the signal's name. */
  kill(signal: NodeJS.Signals): Promise<number | string | null>;
  /** Restarts it after its exit; resolves when it serves. */
  start(): Promise<void>;
  /** Its resident memory, in bytes. */
  residentBytes(): number;
  /** Its peak memory since its start, in bytes. */
  peakBytes(): number;
}

export async function startService(
  environment: Environment,
  role: Role,
  options: ProcessOptions = {},
): Promise<Service> {
  const settings = role === 'worker' ? environment : { ...environment, PORT: String(await stablePort()) };
  let running: RunningProcess = await startProcess(settings, role, options);
  return {
    role,
    url: running.url,
    get pid() {
      return running.pid;
    },
    output: () => running.output(),
    kill: (signal) => running.kill(signal),
    async start() {
      running = await startProcess(settings, role, options);
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

/** Starts the product in embedded mode on a folder, with the fake Gemini at `geminiUrl`. */
export function startEmbedded(directory: string, geminiUrl: string, more: Environment = {}): Promise<Service> {
  const environment = { BASIC_DAILY_LIMIT: '1000000', DATA_DIR: directory, ...askAt({ url: geminiUrl }) };
  return startService({ ...environment, ...more }, 'all');
}
