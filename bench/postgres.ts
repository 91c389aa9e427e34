/** A PostgreSQL server for this run, in a folder that is deleted at the end. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { postgresPrograms, unprivilegedAccount } from '../test/postgres-programs.ts';
import { freePort } from '../test/redis-server.ts';
import { startChild, type Child } from './child.ts';

export interface Postgres extends AsyncDisposable {
  readonly child: Child;
  /** Creates an empty database and returns its URL. */
  createDatabase(name: string): Promise<string>;
}

/**
 * Nothing waits for the disk, so that it does not hide the cost of the programs. Other settings are the defaults, except
 * for enough memory for a million messages.
 */
const settings = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'shared_buffers=512MB',
  'max_wal_size=8GB',
  'max_connections=300',
  'autovacuum_naptime=10s',
  'listen_addresses=127.0.0.1',
];

export async function startPostgres(folder: string): Promise<Postgres> {
  const port = await freePort();
  const data = path.join(folder, 'postgres');
  mkdirSync(data);
  const owner = unprivilegedAccount();
  if (owner) {
    chownSync(data, owner.uid, owner.gid);
    // The other user needs access.
    chmodSync(folder, 0o711);
  }
  const bin = postgresPrograms();
  if (bin === null) throw new Error('PostgreSQL is neither installed nor on npm for this platform.');
  const made = spawnSync(path.join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-N', '-E', 'UTF8'], {
    ...owner,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const args = ['-D', data, '-p', String(port), '-c', `unix_socket_directories=${data}`];
  const child = startChild(path.join(bin, 'postgres'), [...args, ...settings.flatMap((line) => ['-c', line])], {
    logs: folder,
    name: 'postgres',
    ...owner,
  });
  const urlOf = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;
  await connects(urlOf('postgres'));
  return {
    child,
    async createDatabase(name) {
      await withClient(urlOf('postgres'), (client) => client.query(`create database ${name}`));
      return urlOf(name);
    },
    // Fast shutdown: open connections are cut, children end.
    [Symbol.asyncDispose]: () => child.stop('SIGINT'),
  };
}

/** Runs `work` over one connection. */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function connects(url: string): Promise<void> {
  const giveUpAt = Date.now() + 20_000;
  for (;;) {
    try {
      return await withClient(url, async (client) => void (await client.query('select 1')));
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await pause(50);
    }
  }
}
