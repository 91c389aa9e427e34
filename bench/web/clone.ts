/** What a newcomer's first `npm start` does before the server runs, on a clone of the last commit: packages, then the client. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../child.ts';
import type { Line } from '../line.ts';

export async function freshClone(): Promise<Line> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pollux-clone-'));
  try {
    execFileSync('git', ['clone', '-q', root, folder]);
    const { seconds, buildSeconds } = await prepare(folder);
    return {
      name: 'npm start on a fresh clone, what the build of the client adds',
      ours: `${buildSeconds.toFixed(1)} s`,
      bare: '',
      ratio: null,
      goal: '',
      met: null,
      note: `Of ${seconds.toFixed(0)} s with installing, before the server starts; the next start adds nothing.`,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the steps before `npm start`; prints when the build begins. */
async function prepare(cwd: string): Promise<{ seconds: number; buildSeconds: number }> {
  const startedAt = performance.now();
  let buildsAt = Number.NaN;
  const child = spawn(process.execPath, ['scripts/prepare.mjs', 'run'], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.on('data', (said: Buffer) => {
    if (said.toString().includes('Building the web client')) buildsAt = performance.now();
  });
  const [code] = (await once(child, 'close')) as [number];
  const endedAt = performance.now();
  if (code !== 0) throw new Error(`prepare.mjs ended with ${code}`);
  return { seconds: (endedAt - startedAt) / 1000, buildSeconds: (endedAt - buildsAt) / 1000 };
}
