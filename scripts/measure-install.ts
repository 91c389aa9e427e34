/**
 * Measures a first install: `npm run measure:install [-- RUNS]` clones the last commit into a new folder, prepares it
 * for `npm start`, and installs the rest while the server runs there under requests. Prints time and size;
 * fails if the server stops answering, or cannot load modules afterwards that it had not used before.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

const runs = Number(process.argv[2] ?? 1);
const ours = fileURLToPath(new URL('..', import.meta.url));
const json = { 'content-type': 'application/json' };

for (let run = 0; run < runs; run++) await measure();

async function measure(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pollux-clone-'));
  try {
    execFileSync('git', ['clone', '-q', ours, folder]);
    tell('npm start', await prepare(folder, 'run'), folder);
    await using server = await startServer(folder);
    const adding = prepare(folder, 'all');
    // Wait for both, so that nothing keeps running if either fails.
    const [asked, added] = await Promise.allSettled([askUntil(server.url, adding), adding]);
    if (asked.status === 'rejected') throw asked.reason;
    if (added.status === 'rejected') throw added.reason;
    tell('the rest', added.value, folder);
    await useAll(server.url);
    process.stdout.write(`   the server answered ${asked.value} times meanwhile, and then served what it loads late\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Duration in seconds, on the machine's own Node. */
async function prepare(cwd: string, set: string): Promise<number> {
  const startedAt = performance.now();
  const searched = (process.env.PATH ?? '').split(path.delimiter).filter((one) => !one.includes('node_modules'));
  const env = { PATH: searched.join(path.delimiter), HOME: process.env.HOME };
  const child = spawn('node', ['scripts/prepare.mjs', set], { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`prepare.mjs ${set} ended with ${code}`);
  return (performance.now() - startedAt) / 1000;
}

function tell(name: string, seconds: number, folder: string): void {
  const megabytes = execFileSync('du', ['-sm', path.join(folder, 'node_modules')], { encoding: 'utf8' }).split('\t')[0];
  process.stdout.write(`${name}: ${seconds.toFixed(0)} s, node_modules ${megabytes} MB\n`);
}

/** Runs it from that folder with unreachable vendors, so that their SDKs are loaded and fail. */
async function startServer(cwd: string): Promise<{ url: string } & AsyncDisposable> {
  const port = await freePort();
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  const env = {
    ...process.env,
    PORT: String(port),
    LOG_LEVEL: 'silent',
    GEMINI_API_KEY: 'nobody-reads-this',
    GEMINI_BASE_URL: nowhere,
    STRIPE_SECRET_KEY: 'sk_test_nobody_reads_this',
    STRIPE_WEBHOOK_SECRET: 'whsec_nobody_reads_this',
    STRIPE_PRO_PRICE_ID: 'price_none',
    STRIPE_API_BASE: nowhere,
  };
  const child = spawn(path.join(cwd, 'node_modules/.bin/node'), ['server/main.ts'], { cwd, env, stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${url}/health/ready`).catch(() => null))) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    await sleep(50);
  }
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** Requests readiness until `work` has ended; every response must be 2xx. Returns the number of requests. */
async function askUntil(url: string, work: Promise<unknown>): Promise<number> {
  let ended = false;
  void work.finally(() => (ended = true)).catch(() => {});
  let asked = 0;
  for (; !ended; asked++) {
    await expectStatus(200, `${url}/health/ready`, {});
    await sleep(20);
  }
  return asked;
}

/** Pages that are read from packages on request, and both vendors' SDKs. */
async function useAll(url: string): Promise<void> {
  for (const page of ['/docs', '/docs/static/swagger-ui-bundle.js', '/redoc/redoc.js']) {
    await expectStatus(200, `${url}${page}`, {});
  }
  const mobile_number = '+14155550123';
  await expectStatus(201, `${url}/auth/signup`, { body: { mobile_number } });
  const { otp } = await expectStatus(200, `${url}/auth/send-otp`, { body: { mobile_number } });
  const { access_token: token } = await expectStatus(200, `${url}/auth/verify-otp`, { body: { mobile_number, otp } });
  const room = await expectStatus(201, `${url}/chatroom`, { token, body: { name: 'Late' } });
  await expectStatus(202, `${url}/chatroom/${room.id}/message`, { token, body: { content: 'Anyone?' } });
  await expectStatus(503, `${url}/subscribe/pro`, { token, body: {} });
}

async function expectStatus(
  status: number,
  url: string,
  { body, token }: { body?: object; token?: string },
): Promise<Record<string, string>> {
  const headers = { ...(body && json), ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(url, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (answer.status !== status) throw new Error(`${url} answered ${answer.status} instead of ${status}: ${text}`);
  return answer.headers.get('content-type')?.includes('json') ? (JSON.parse(text) as Record<string, string>) : {};
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  return port;
}
