/** The client on a separate host, with the API on another origin. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyPlace, startProduct, type Place, type RunningProduct } from '../harness.ts';
import { freePort } from '../redis-server.ts';
import { ask, canBrowse, signIn, startBrowser, visit } from './visitor.ts';

const root = path.resolve(import.meta.dirname, '../..');
const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

describe.skipIf(!canBrowse)('in Chromium', { timeout: 60_000 }, () => {
  let folder: string;
  let host: Server;
  let hostUrl: string;
  let browser: Browser;
  let place: Place;
  let product: RunningProduct;

  beforeAll(async () => {
    const port = await freePort();
    folder = await mkdtemp(path.join(os.tmpdir(), 'pollux-web-'));
    const args = ['scripts/build-web.ts', '--api', `http://127.0.0.1:${port}`, '--out', folder];
    const build = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
    const [code] = (await once(build, 'exit')) as [number];
    expect(code).toBe(0);
    host = createServer((request, response) => {
      const { pathname } = new URL(request.url!, 'http://x');
      const name = path.extname(pathname) ? pathname.replace(/^\/app\//, '') : 'index.html';
      response.setHeader('content-type', types[path.extname(name)] ?? 'application/octet-stream');
      readFile(path.join(folder, path.normalize(name))).then(
        (file) => response.end(file),
        () => response.writeHead(404).end(),
      );
    }).listen(0, '127.0.0.1');
    await once(host, 'listening');
    hostUrl = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
    [place, browser] = await Promise.all([anyPlace(), startBrowser()]);
    product = await startProduct(place, { environment: { PORT: String(port), CORS_ORIGINS: hostUrl } });
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
    await place?.[Symbol.asyncDispose]();
    host?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  it('names only the API in the policy of the page', async () => {
    const page = await readFile(path.join(folder, 'index.html'), 'utf8');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1]?.replaceAll('&#39;', "'");
    expect(policy).toContain(`connect-src 'self' ${product.url} ${product.url.replace('http', 'ws')};`);
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('<script'));
  });

  it('signs in, chats live, stays signed in after a reload, and signs out', async () => {
    await using visitor = await visit(browser, `${hostUrl}/app/`);
    const { page, context } = visitor;
    await signIn(page);
    await ask(page, 'From another origin');
    await page.getByRole('article', { name: 'Pollux' }).getByText('another origin').waitFor();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await page.reload();
    await page.getByRole('article', { name: 'You' }).getByText('From another origin').waitFor();
    expect(await context.cookies()).toEqual([]);
    expect(visitor.complaints).toEqual([]);
    expect(new Set(visitor.foreignRequests.map((url) => new URL(url).origin))).toEqual(new Set([product.url]));
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL(/\/app\/sign-in/);
    expect(await page.evaluate(`localStorage.getItem('pollux.refresh-token')`)).toBeNull();
  });
});
