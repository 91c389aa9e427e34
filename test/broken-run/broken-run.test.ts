/** A killed test run leaves nothing running: no product, database, Redis, browser or test process. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { chromium } from '../contract/chromium.ts';
import { canSpawnPostgres } from '../faults/postgres-server.ts';
import { endWithUs } from '../guard.ts';
import { canSpawnRedis } from '../redis-server.ts';

const root = path.resolve(import.meta.dirname, '../..');

interface ProcessLine {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** All processes of this machine. */
function processes(): ProcessLine[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
  return [...stdout.matchAll(/^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/gm)]
    .filter(([, , , state]) => !state!.startsWith('Z'))
    .map(([, pid, parent, , command]) => ({ pid: Number(pid), parent: Number(parent), command: command! }));
}

/** All descendants of a process. */
function descendants(pid: number): ProcessLine[] {
  const all = processes();
  const below = (parent: number): ProcessLine[] =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid);
}

it('killed with SIGKILL, leaves none of its processes running', { timeout: 180_000 }, async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pollux-broken-run-'));
  // PostgreSQL runs under another user when we are root.
  await chmod(folder, 0o755);
  const ready = path.join(folder, 'ready');
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const run = spawn(process.execPath, [vitest, 'run', '--config', 'test/broken-run/vitest.config.ts'], {
    cwd: root,
    stdio: 'ignore',
    env: { ...process.env, TMPDIR: folder, BROKEN_RUN_READY: ready },
  });
  endWithUs(run);
  await vi.waitUntil(() => existsSync(ready) || run.exitCode !== null, { timeout: 120_000, interval: 50 });
  expect(run.exitCode).toBeNull();
  const started = descendants(run.pid!);
  const commands = started.map(({ command }) => command).join('\n');
  expect(commands).toContain('server/main.ts');
  expect(commands).toContain('gemini-server.ts');
  if (canSpawnRedis) expect(commands).toContain('redis-server');
  if (canSpawnPostgres) expect(commands).toContain('postgres');
  if (chromium !== null) expect(commands).toContain('--headless');

  const ended = once(run, 'exit');
  run.kill('SIGKILL');
  await ended;

  const left = () =>
    processes().filter(({ pid, command }) => started.some((one) => one.pid === pid && one.command === command));
  await expect.poll(() => left().map(({ command }) => command), { timeout: 15_000, interval: 100 }).toEqual([]);
  await rm(folder, { recursive: true, force: true });
});
