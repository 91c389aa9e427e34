/** Runs an operator's command, as a separate process or in this one, and reads what it prints. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { StartRefused } from '../../server/config/start-refused.ts';
import { runCommand } from '../../server/process/run-command.ts';
import { endWithUs } from '../guard.ts';
import { testEnvironment, type Environment } from '../harness.ts';

const entry = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));

export interface AdminResult {
  readonly code: number;
  /** The lines of its output. */
  readonly lines: readonly string[];
  readonly complaint: string;
}

/** Runs with these settings, and with the default log level unless one is set. */
export async function runAdmin(environment: Environment, ...args: string[]): Promise<AdminResult> {
  const { LOG_LEVEL: _silent, ...settings } = testEnvironment;
  const child = spawn(process.execPath, [entry, ...args], {
    env: { PATH: process.env.PATH, ...settings, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child);
  const [output, complaint, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: code as number, lines: output.split('\n').slice(0, -1), complaint };
}

/** The same in this process, which loads the product once for all commands; its log is not in the complaint. */
export async function runAdminHere(environment: Environment, ...args: string[]): Promise<AdminResult> {
  try {
    const lines = await runCommand(args, () => ({ ...testEnvironment, ...environment }));
    return { code: 0, lines, complaint: '' };
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    return { code: 1, lines: [], complaint: error.message };
  }
}
