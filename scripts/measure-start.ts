/** Measures a start: `npm run measure:start -- [runs]` prints time to healthy and idle memory, as medians. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freshDatabase, redisUrl, services, uniqueName } from '../test/services.ts';

const runs = Number(process.argv[2] ?? 5);
const idleMs = 10_000;
const pollMs = 10;

interface Measured {
  readonly ms: number;
  readonly idleMb: number;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  return port;
}

/** The server process: npm starts a shell, which replaces itself with it. */
function lastDescendant(pid: number): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return child ? lastDescendant(Number(child)) : pid;
}

function residentMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kb) / 1024);
}

async function untilHealthy(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
    if (answer?.ok) return;
    await sleep(pollMs);
  }
  throw new Error('the server ended before it was healthy');
}

async function start(script: string, environment: Record<string, string>): Promise<Measured> {
  const port = await freePort();
  const startedAt = performance.now();
  const env = { ...process.env, ...environment, PORT: String(port), LOG_LEVEL: 'warn', OTP_ECHO: 'true' };
  const child = spawn('npm', ['run', script], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  await untilHealthy(port, child);
  const ms = Math.round(performance.now() - startedAt);
  await sleep(idleMs);
  const idleMb = residentMb(lastDescendant(child.pid!));
  child.kill('SIGTERM');
  await once(child, 'exit');
  return { ms, idleMb };
}

function tell(name: string, measured: readonly Measured[]): void {
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  const [ms, mb] = [measured.map((run) => run.ms), measured.map((run) => run.idleMb)];
  process.stdout.write(
    `${name}: ${median(ms)} ms to healthy (${ms.join(', ')}), ${median(mb)} MB idle (${mb.join(', ')})\n`,
  );
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'pollux-measure-'));
const firsts: Measured[] = [];
const agains: Measured[] = [];
for (let run = 0; run < runs; run++) {
  const environment = { DATA_DIR: path.join(folder, String(run)), DATABASE_URL: '', REDIS_URL: '' };
  firsts.push(await start('start', environment));
  agains.push(await start('start', environment));
}
tell('embedded, first start', firsts);
tell('embedded, started again', agains);

if (services.postgres && services.redis) {
  await using database = await freshDatabase();
  const environment = {
    DATA_DIR: folder,
    DATABASE_URL: database.url,
    REDIS_URL: redisUrl,
    REDIS_PREFIX: uniqueName(),
    SECRET_KEY: 'for this measurement only',
  };
  const measured: Measured[] = [];
  for (let run = 0; run < runs; run++) measured.push(await start('start:api', environment));
  tell('API process on PostgreSQL and Redis', measured);
}
rmSync(folder, { recursive: true, force: true });
