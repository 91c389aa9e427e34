/** From `npm start`, installed and built, to a healthy answer, in both modes. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../test/redis-server.ts';
import type { Bed } from '../bed.ts';
import { answers, root } from '../child.ts';
import type { Line } from '../line.ts';
import { spreadOf, takeTurns, type Spread } from '../measure.ts';
import { secret } from '../bed.ts';

const mostEmbeddedSeconds = 3;
const mostDistributedSeconds = 1.2;

export async function start(bed: Bed): Promise<Line[]> {
  const known = bed.embeddedPlace('start');
  const served = await bed.place('start');
  // Both have their tables before the first turn.
  await startOnce(known);
  await startOnce(served);
  const seconds = await takeTurns(bed.scale.rounds, {
    embedded: () => startOnce(known),
    first: () => startOnce(bed.embeddedPlace('start')),
    distributed: () => startOnce(served),
    bare: async () => {
      const since = performance.now();
      spawnSync(process.execPath, ['-e', '0']);
      return (performance.now() - since) / 1000;
    },
  });
  const bare = written(spreadOf(seconds.bare));
  const line = (name: string, ours: Spread, most: number | null): Line => ({
    name: `start, ${name}`,
    ours: written(ours),
    bare,
    ratio: null,
    goal: most === null ? '' : `≤ ${most} s`,
    met: most === null ? null : ours.median <= most,
    note: '',
  });
  return [
    line('embedded', spreadOf(seconds.embedded), mostEmbeddedSeconds),
    line('embedded, the very first in a new folder', spreadOf(seconds.first), null),
    line('distributed', spreadOf(seconds.distributed), mostDistributedSeconds),
  ];
}

/** Seconds from the command to a process that is ready, npm and its pre-script included. */
async function startOnce(place: Readonly<Record<string, string>>): Promise<number> {
  const port = String(await freePort());
  const since = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, SECRET_KEY: secret, ...place, PORT: port },
    stdio: 'ignore',
    detached: true,
  });
  const ended = once(child, 'exit');
  try {
    await answers(`http://127.0.0.1:${port}/health/ready`, { everyMs: 10 });
    return (performance.now() - since) / 1000;
  } finally {
    // npm, its shell and the server are one group.
    process.kill(-child.pid!, 'SIGKILL');
    await ended;
  }
}

function written({ median, lowest, highest }: Spread): string {
  return `${median.toFixed(2)} s (${lowest.toFixed(2)}–${highest.toFixed(2)})`;
}
