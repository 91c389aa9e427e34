/** A headless Chromium, driven over its DevTools protocol, that records all requests and errors. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { endWithUs } from '../guard.ts';

const names = [process.env.CHROMIUM ?? 'chromium', 'chromium-browser', 'google-chrome'];
const isInstalled = (name: string) => spawnSync(name, ['--version']).status === 0;

/** The program to run; null on a machine without one. Under `CI=true` that is an error, so that nothing is skipped. */
export const chromium = names.find(isInstalled) ?? null;

/**
 * The same without windows and notifications, which takes two thirds of the time; Chromium where it is missing. For Playwright, which
 * ends it with all its processes: the program is a script that starts them.
 */
export const chromiumShell = ['chromium-headless-shell'].find(isInstalled) ?? chromium;

if (process.env.CI === 'true' && chromium === null) throw new Error(`CI needs a Chromium: none of ${names.join(', ')}`);

type Message = Record<string, any>;

export interface Page extends AsyncDisposable {
  /** URLs of all requests so far, `data:` and `blob:` included. */
  readonly requests: readonly string[];
  /** Console errors and warnings, uncaught exceptions, failed requests and violations of the page's security policy. */
  readonly complaints: readonly string[];
  /** Opens a URL and waits for the load event. */
  open(url: string): Promise<void>;
  /** Evaluates an expression in the page and returns its value; promises are awaited. */
  run<T = any>(expression: string): Promise<T>;
  /** Evaluates an expression until it is truthy. */
  waitFor(expression: string, timeoutMs?: number): Promise<void>;
  /** A screenshot of the window as PNG. */
  picture(): Promise<Buffer>;
}

/** Starts a browser for one page. Dispose ends it. */
export async function openPage({ width = 1280, height = 900, dark = false } = {}): Promise<Page> {
  const profile = await mkdtemp(path.join(os.tmpdir(), 'pollux-chromium-'));
  const child = spawn(
    chromium!,
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      `--window-size=${width},${height}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  endWithUs(child);
  const exited = once(child, 'exit');
  const link = await connect(await debuggingAddress(child.stderr, exited));
  const { targetInfos } = await link.send('Target.getTargets');
  const target = targetInfos.find((info: Message) => info.type === 'page');
  const { sessionId } = await link.send('Target.attachToTarget', { targetId: target.targetId, flatten: true });
  const page = await watchPage((method, params) => link.send(method, params, sessionId), link.onEvent);
  await page.call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  const scheme = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }];
  await page.call('Emulation.setEmulatedMedia', { features: scheme });
  return {
    ...page,
    async [Symbol.asyncDispose]() {
      link.close();
      child.kill('SIGKILL');
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** Reads the address that Chromium prints on standard error. */
async function debuggingAddress(stream: NodeJS.ReadableStream, exited: Promise<unknown>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let output = '';
  stream.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    const address = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
    if (address !== undefined) resolve(address);
  });
  void exited.then(() => reject(new Error(`Chromium ended:\n${output}`)));
  return promise;
}

interface Link {
  send(method: string, params?: Message, sessionId?: string): Promise<Message>;
  onEvent(listener: (method: string, params: Message) => void): void;
  close(): void;
}

async function connect(address: string): Promise<Link> {
  const socket = new WebSocket(address);
  const pending = new Map<number, PromiseWithResolvers<Message>>();
  const listeners: ((method: string, params: Message) => void)[] = [];
  let last = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, method, params, result, error } = JSON.parse(String(data)) as Message;
    if (id === undefined) for (const listener of listeners) listener(method, params);
    else if (error) pending.get(id)?.reject(new Error(error.message));
    else pending.get(id)?.resolve(result);
    pending.delete(id);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('Chromium does not accept the connection')));
  });
  return {
    send(method, params = {}, sessionId) {
      const waiting = Promise.withResolvers<Message>();
      last += 1;
      pending.set(last, waiting);
      socket.send(JSON.stringify({ id: last, method, params, ...(sessionId && { sessionId }) }));
      return waiting.promise;
    },
    onEvent: (listener) => void listeners.push(listener),
    close: () => socket.close(),
  };
}

async function watchPage(call: (method: string, params?: Message) => Promise<Message>, onEvent: Link['onEvent']) {
  const requests: string[] = [];
  const complaints: string[] = [];
  let loaded = Promise.withResolvers<void>();
  onEvent((method, params) => {
    if (method === 'Page.loadEventFired') loaded.resolve();
    if (method === 'Network.requestWillBeSent') requests.push(params.request.url);
    const complaint = complaintIn(method, params);
    if (complaint !== null) complaints.push(complaint);
  });
  for (const domain of ['Page', 'Network', 'Runtime', 'Log', 'Audits']) await call(`${domain}.enable`);

  async function run<T>(expression: string): Promise<T> {
    const evaluated = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (evaluated.exceptionDetails) throw new Error(evaluated.exceptionDetails.exception?.description ?? expression);
    return evaluated.result.value;
  }

  return {
    call,
    requests,
    complaints,
    run,
    async open(url: string) {
      loaded = Promise.withResolvers<void>();
      await call('Page.navigate', { url });
      await loaded.promise;
    },
    async waitFor(expression: string, timeoutMs = 20_000): Promise<void> {
      const until = Date.now() + timeoutMs;
      for (;;) {
        if (await run<boolean>(`Boolean(${expression})`)) return;
        if (Date.now() > until) throw new Error(`not truthy within ${timeoutMs} ms: ${expression}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async picture(): Promise<Buffer> {
      const { data } = await call('Page.captureScreenshot', { format: 'png' });
      return Buffer.from(data, 'base64');
    },
  };
}

function complaintIn(method: string, params: Message): string | null {
  if (method === 'Runtime.exceptionThrown') return params.exceptionDetails.exception?.description ?? 'an exception';
  if (method === 'Runtime.consoleAPICalled' && ['error', 'assert'].includes(params.type)) {
    return params.args.map((arg: Message) => arg.value ?? arg.description).join(' ');
  }
  if (method === 'Log.entryAdded' && ['error', 'warning'].includes(params.entry.level)) {
    return `${params.entry.text} ${params.entry.url ?? ''}`;
  }
  if (method === 'Audits.issueAdded' && params.issue.code === 'ContentSecurityPolicyIssue')
    return JSON.stringify(params.issue);
  return null;
}
