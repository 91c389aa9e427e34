/** The built client in Chromium, with its own product process and a signed-in user. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext, type CDPSession, type Page } from 'playwright-core';
import { signIn } from '../../test/browser/visitor.ts';
import { chromium as program } from '../../test/contract/chromium.ts';
import { freePort } from '../../test/redis-server.ts';
import type { Bed } from '../bed.ts';

export const phoneNumber = '+14155550147';

export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly databaseUrl: string;
  readonly context: BrowserContext;
  /** Where the browser's DevTools protocol is served. */
  readonly debuggingPort: number;
  /** Sets what the vendor answers to the next question. */
  answerNext(behaviour: object): Promise<void>;
  /** Opens an address in a new tab that has nothing in its caches; `before` is called before it is opened. */
  openCold(address: string, before?: (page: Page, session: CDPSession) => Promise<void>): Promise<OpenPage>;
}

export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  readonly session: CDPSession;
}

/** Starts product and browser and signs in. */
export async function openStage(bed: Bed): Promise<Stage> {
  if (program === null) throw new Error('there is no Chromium on this machine');
  await using opened = new AsyncDisposableStack();
  const place = await bed.place('web');
  const product = opened.use(await bed.product('api', place));
  opened.use(await bed.product('worker', place));
  const profile = mkdtempSync(path.join(os.tmpdir(), 'pollux-browser-'));
  opened.defer(() => rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  const debuggingPort = await freePort();
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: programPath(program),
    args: ['--no-sandbox', '--disable-gpu', '--window-size=1280,860', `--remote-debugging-port=${debuggingPort}`],
    // No emulation: it would hold for the tabs of Lighthouse too.
    viewport: null,
  });
  opened.defer(() => context.close());
  const page = await context.newPage();
  await page.goto(`${product.url}/app/`);
  await signIn(page, phoneNumber);
  await page.close();
  const resources = opened.move();
  return {
    url: product.url,
    databaseUrl: place.DATABASE_URL!,
    context,
    debuggingPort,
    async answerNext(behaviour) {
      const body = JSON.stringify([behaviour]);
      await fetch(`${bed.geminiUrl}/_control/next`, { method: 'POST', body });
    },
    async openCold(address, before = async () => {}) {
      const tab = await context.newPage();
      const session = await context.newCDPSession(tab);
      const origin = product.url;
      await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'service_workers,cache_storage' });
      await session.send('Network.enable');
      await session.send('Network.clearBrowserCache');
      await before(tab, session);
      await tab.goto(origin + address);
      return { page: tab, session, [Symbol.asyncDispose]: () => tab.close() };
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function programPath(name: string): string {
  const places = (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.resolve(folder, name));
  return places.find(existsSync) ?? name;
}
