/** A PostgreSQL cluster for one run, which can be killed and restarted. */
import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, chownSync, cpSync, existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { endWithUs } from '../guard.ts';
import { postgresPrograms, unprivilegedAccount } from '../postgres-programs.ts';
import { stablePort } from './ports.ts';
import { until } from './waiting.ts';

export interface PostgresServer extends AsyncDisposable {
  readonly version: string;
  readonly port: number;
  /** The folder of the cluster, with `postgresql.conf`. */
  readonly data: string;
  /** URL of the superuser. */
  readonly url: string;
  /** Creates an empty database and returns its URL. */
  createDatabase(): Promise<string>;
  /** Ends all its processes at once with SIGKILL. */
  kill(): Promise<void>;
  /** Ends its sessions and stops it, as an upgrade does (fast shutdown). */
  stop(): Promise<void>;
  /** Starts it again and waits until it answers. */
  start(): Promise<void>;
}

const found = postgresPrograms();

/** False where PostgreSQL is neither installed nor on npm for this platform. */
export const canSpawnPostgres = found !== null;

/**
 * Creates a cluster in a temporary folder and starts it on a free port. `settings` are lines of `postgresql.conf`;
 * `prepare` may change the folder before the first start; `programs` is the folder of initdb and postgres.
 */
export async function startPostgres({
  settings = [],
  prepare = () => {},
  programs = found,
}: {
  settings?: readonly string[];
  prepare?: (data: string) => void;
  programs?: string | null;
} = {}): Promise<PostgresServer> {
  if (programs === null) throw new Error('PostgreSQL is neither installed nor on npm for this platform.');
  const account = unprivilegedAccount();
  const folder = await mkdtemp(path.join(tmpdir(), 'pollux-postgres-'));
  if (account) chownSync(folder, account.uid, account.gid);
  const bin = runnableBy(account, programs, folder);
  const data = path.join(folder, 'data');
  const made = spawnSync(
    path.join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    {
      ...account,
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, LC_ALL: process.platform === 'linux' ? 'C.UTF-8' : 'C' },
    },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await stablePort();
  const urlOf = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;
  const args = ['-D', data, '-p', String(port), '-c', `unix_socket_directories=${folder}`];
  const lines = ["listen_addresses='127.0.0.1'", 'max_connections=400', 'log_min_messages=fatal', ...settings];
  appendFileSync(path.join(data, 'postgresql.conf'), `${lines.join('\n')}\n`);
  prepare(data);
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    await until('PostgreSQL starts', 60_000, async () => {
      child ??= launch(path.join(bin, 'postgres'), args, { ...account, cwd: folder });
      if (child.exitCode !== null || child.signalCode !== null) child = null;
      return child !== null && (await answers(urlOf('postgres')));
    });
  }

  async function kill(): Promise<void> {
    if (child === null) return;
    const ended = once(child, 'exit');
    const all = [child.pid!, ...childrenOf(child.pid!)];
    for (const pid of all) killQuietly(pid);
    await ended;
    child = null;
  }

  async function stop(): Promise<void> {
    if (child === null) return;
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    await ended;
    child = null;
  }

  await start();
  return {
    port,
    data,
    url: urlOf('postgres'),
    version: spawnSync(path.join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }).stdout.trim(),
    async createDatabase() {
      const name = `fault_${randomBytes(4).toString('hex')}`;
      await run(urlOf('postgres'), `create database ${name}`);
      return urlOf(name);
    },
    kill,
    stop,
    start,
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The folder of the programs; a copy in `folder` when the server's user may not enter the original. */
function runnableBy(account: ReturnType<typeof unprivilegedAccount>, bin: string, folder: string): string {
  const tried = spawnSync(path.join(bin, 'postgres'), ['--version'], { ...account });
  if (tried.status === 0) return bin;
  const copy = path.join(folder, 'programs');
  cpSync(path.dirname(bin), copy, { recursive: true, verbatimSymlinks: true });
  return path.join(copy, 'bin');
}

function launch(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(program, args, { ...options, stdio: 'ignore' });
  endWithUs(child);
  return child;
}

/** Each backend has its own process group, so that they cannot be killed as one group. */
function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : [];
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended on its own.
  }
}

async function answers(url: string): Promise<boolean> {
  return run(url, 'select 1').then(
    () => true,
    () => false,
  );
}

async function run(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(text);
  } finally {
    await client.end().catch(() => {});
  }
}
