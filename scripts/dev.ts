/** `npm run dev`: the server, restarted at every change, behind the web client with hot reload. */
import { spawn, type ChildProcess } from 'node:child_process';
import { shippedFlags } from './shipped-flags.ts';

const port = process.env.PORT ?? '8000';
const server = `http://127.0.0.1:${port}`;
const children: ChildProcess[] = [
  start(process.execPath, [...shippedFlags('all'), '--watch', 'server/main.ts']),
  start(process.execPath, [
    'node_modules/vite/bin/vite.js',
    '--config',
    'web/vite.config.ts',
    '--clearScreen',
    'false',
  ]),
];

function start(program: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, POLLUX_API: server } });
  // If one exits, the other is stopped.
  child.once('exit', (code) => stop(code ?? 1));
  return child;
}

function stop(code: number): void {
  process.exitCode = code;
  for (const child of children) child.kill('SIGTERM');
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(0));
