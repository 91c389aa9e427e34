/** Starts the product from the command line with settings it must refuse, and reads what it prints. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { endWithUs } from '../guard.ts';
import { testEnvironment, type Environment } from '../harness.ts';

const root = new URL('../../', import.meta.url);

export interface StartOptions {
  /** The program and its arguments; the server in the role `all` unless named. */
  readonly command?: readonly string[];
  /** The Node that runs it, and its flags. */
  readonly node?: string;
  readonly flags?: readonly string[];
  readonly cwd?: string;
  readonly uid?: number;
}

/** Runs until it exits. Returns the exit code and both streams. */
async function run(environment: Environment, options: StartOptions = {}): Promise<{ code: number; said: string }> {
  const { command = ['server/main.ts'], node = process.execPath, flags = [], cwd, uid } = options;
  const [program = '', ...args] = command;
  const child = spawn(node, [...flags, fileURLToPath(new URL(program, root)), ...args], {
    env: { PATH: process.env.PATH, ...testEnvironment, LOG_LEVEL: 'info', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd,
    uid,
    timeout: 100_000,
    killSignal: 'SIGKILL',
  });
  endWithUs(child);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: code as number, said: out + err };
}

/** `…` in a message stands for what differs between machines. */
export function patternOf(sentence: string): RegExp {
  const parts = sentence.split('…').map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('[^\\n]+')}$`);
}

/** The start must end with code 1 and only this message: no stack, no warnings, nothing repeated. */
export async function expectRefusal(
  sentence: string,
  environment: Environment,
  options: StartOptions = {},
): Promise<void> {
  const { code, said } = await run(environment, options);
  expect(said.trim().replace(/^Pollux did not start\.\n/, '')).toMatch(patternOf(sentence));
  expect(code).toBe(1);
}
