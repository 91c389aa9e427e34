/** A PgBouncer for one test, in front of the shared PostgreSQL. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { endWithUs } from '../guard.ts';
import { freePort } from '../redis-server.ts';

/** Debian installs it in a folder that is only in root's PATH. */
const program = ['pgbouncer', '/usr/sbin/pgbouncer'].find((name) => spawnSync(name, ['--version']).status === 0);

/** False where it is not installed; its tests are then listed as skipped. */
export const canSpawnPgbouncer = program !== undefined;

export interface Pgbouncer extends AsyncDisposable {
  /** The same database through the pooler. */
  through(url: string): string;
}

/** Starts one in a mode, with `poolSize` connections to PostgreSQL for each database. */
export async function startPgbouncer(
  target: string,
  { mode, poolSize }: { mode: 'session' | 'transaction' | 'statement'; poolSize: number },
): Promise<Pgbouncer> {
  const { hostname, port: targetPort, username, password } = new URL(target);
  const port = await freePort();
  const folder = await mkdtemp(path.join(tmpdir(), 'pollux-pgbouncer-'));
  await chmod(folder, 0o755);
  const users = path.join(folder, 'users.txt');
  await writeFile(users, `"${username}" "${decodeURIComponent(password)}"\n`);
  const file = path.join(folder, 'pgbouncer.ini');
  const lines = [
    '[databases]',
    `* = host=${hostname} port=${targetPort || 5432}`,
    '[pgbouncer]',
    `listen_addr = 127.0.0.1`,
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = trust',
    `auth_file = ${users}`,
    `pool_mode = ${mode}`,
    `default_pool_size = ${poolSize}`,
    'max_client_conn = 400',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  // It refuses to run as root.
  const account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const child = spawn(program!, [file], { ...account, stdio: ['ignore', 'ignore', 'pipe'] });
  endWithUs(child);
  let said = '';
  const ready = Promise.withResolvers<void>();
  createInterface({ input: child.stderr }).on('line', (line) => {
    said += `${line}\n`;
    if (line.includes('process up')) ready.resolve();
  });
  child.once('exit', (code) => ready.reject(new Error(`pgbouncer ended with ${code}:\n${said}`)));
  await ready.promise;
  return {
    through(url) {
      const pooled = new URL(url);
      pooled.hostname = '127.0.0.1';
      pooled.port = String(port);
      return pooled.href;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
