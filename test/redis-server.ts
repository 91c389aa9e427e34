/** A redis-server for one test, which can be killed, frozen, flushed and restarted. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { endWithUs } from './guard.ts';

/** False where no redis-server is installed; its tests are then listed as skipped. */
export const canSpawnRedis = spawnSync('redis-server', ['--version']).status === 0;

export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Sends a signal, by default SIGKILL, and waits for the exit if the signal ends the process. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Restarts it on the same port and folder. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export interface RedisOptions {
  /** Overrides the defaults, such as no persistence. */
  readonly args?: readonly string[];
  /** A configuration file, which a Sentinel needs. */
  readonly file?: string;
  /** True when the port accepts only TLS. */
  readonly tls?: boolean;
}

/** Starts a server on a free port, without persistence unless `args` enable it. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const port = await freePort();
  const folder = await mkdtemp(path.join(tmpdir(), 'pollux-redis-'));
  const listen = options.tls ? ['--port', '0', '--tls-port', String(port)] : ['--port', String(port)];
  const always = [...listen, '--bind', '127.0.0.1', '--dir', folder];
  const file = options.file === undefined ? [] : [options.file];
  const args = [...file, ...always, '--save', '', '--appendonly', 'no', ...(options.args ?? [])];
  let child = await launch(args);

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  async function stop(): Promise<void> {
    await end('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }

  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async kill(signal = 'SIGKILL') {
      if (signal === 'SIGSTOP' || signal === 'SIGCONT') child.kill(signal);
      else await end(signal);
    },
    async restart() {
      await end('SIGKILL');
      child = await launch(args);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A port that is currently free. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function launch(args: readonly string[]): Promise<ChildProcess> {
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  endWithUs(child);
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => /Ready to accept connections|Sentinel ID is/.test(line) && resolve());
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code} before it was ready.`)));
    child.once('error', reject);
  });
  await ready;
  return child;
}
